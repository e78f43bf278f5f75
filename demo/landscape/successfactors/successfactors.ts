import express, { type Express } from 'express';
import type { CallRecorder } from '../http/calls.ts';
import { rawBody } from '../http/raw-body.ts';
import { authenticate } from './authenticate.ts';
import type { Company } from './company.ts';
import { LoginError } from './login-error.ts';
import { odataRouter } from './odata.ts';
import { tokenEndpoint } from './token-endpoint.ts';

/** The web server that stands in for the API host of a SuccessFactors data center. */
export function makeSuccessFactors(company: Company, recorder: CallRecorder): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(rawBody, recorder.record('successFactors'));
  app.post('/oauth/token', tokenEndpoint(company));
  // Would have a client hand its private key over: deprecated as insecure (token-flows.md E1).
  app.all('/oauth/idp', (_request, response) => {
    response.status(410).json({ errorHttpCode: '410', errorMessage: 'The IdP endpoint is not available.' });
  });
  app.get('/oauth/validate', (request, response) => {
    try {
      authenticate(request.get('authorization'), company);
      response.json({ valid: true });
    } catch (problem) {
      if (!(problem instanceof LoginError)) throw problem;
      response.status(problem.status).json({ errorHttpCode: String(problem.status), errorMessage: problem.message });
    }
  });
  app.use('/odata/v2', odataRouter(company));
  app.use((_request, response) => {
    const { status, code, message } = new LoginError('LGN0001');
    response
      .status(status)
      .set('X-Error-Code', code)
      .json({ error: { code, message: { lang: 'en-US', value: message } } });
  });
  return app;
}
