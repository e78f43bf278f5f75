import express, { type Express } from 'express';
import type { CallRecorder } from '../http/calls.ts';
import { rawBody } from '../http/raw-body.ts';
import { discoveryDocument, idsFit, keySet } from './metadata.ts';
import type { IasTenant } from './tenant.ts';
import { tokenEndpoint } from './token-endpoint.ts';

/** The web server that stands in for `<tenant>.accounts.ondemand.com`. */
export function makeIas(tenant: IasTenant, recorder: CallRecorder): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(rawBody, recorder.record('ias'));
  app.get('/.well-known/openid-configuration', (_request, response) => {
    response.json(discoveryDocument(tenant));
  });
  app.get('/oauth2/certs', (request, response) => {
    if (idsFit(request, tenant)) response.json(keySet(tenant));
    else
      response
        .status(400)
        .json({ error: 'invalid_request', error_description: 'The ids are not valid for the tenant.' });
  });
  app.post('/oauth2/token', tokenEndpoint(tenant));
  app.all('/oauth2/token', (_request, response) => {
    response
      .status(405)
      .set('Allow', 'POST')
      .json({ error: 'invalid_request', error_description: 'POST is required.' });
  });
  return app;
}
