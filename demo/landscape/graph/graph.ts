import express, { type Express, type Request, type Response } from 'express';
import { pairwiseSubject } from '../entra/directory.ts';
import type { CallRecorder } from '../http/calls.ts';
import { rawBody } from '../http/raw-body.ts';
import { readTarget } from '../http/target.ts';
import { answer, type Correlation, correlate, refuse } from './answer.ts';
import { authenticate } from './authenticate.ts';
import { answerBatch } from './batch.ts';
import type { GraphResponse } from './exchange.ts';
import { GraphError, insufficientPrivileges } from './graph-error.ts';
import { metadata } from './metadata.ts';
import type { GraphTenant } from './tenant.ts';

const diagnostic = JSON.stringify({
  ServerInfo: { DataCenter: 'Loopback', Slice: 'E', Ring: '0', ScaleUnit: '000', RoleInstance: 'DEMO' },
});

/** The web server that stands in for graph.microsoft.com. */
export function makeGraph(tenant: GraphTenant, recorder: CallRecorder): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(rawBody, recorder.record('graph'));
  app.get('/v1.0/\\$metadata', (request, response) => {
    setHeaders(response, correlationOf(request));
    response.type('application/xml').send(metadata);
  });
  app.post('/v1.0/\\$batch', (request, response) => {
    const text = typeof request.body === 'string' ? request.body : '';
    attempt(request, response, (correlation) => {
      const authorization = request.get('authorization');
      authenticate(authorization, tenant);
      return { status: 200, headers: {}, body: answerBatch(text, authorization, tenant, correlation) };
    });
  });
  app.get('/oidc/userinfo', (request, response) => {
    attempt(request, response, () => ({
      status: 200,
      headers: {},
      body: userinfo(request.get('authorization'), tenant),
    }));
  });
  app.use('/v1.0', (request, response) => {
    const { path, query } = readTarget(request.url);
    attempt(request, response, (correlation) =>
      answer(
        {
          method: request.method,
          path,
          query: new URLSearchParams(query),
          authorization: request.get('authorization'),
        },
        tenant,
        correlation,
      ),
    );
  });
  app.use((request, response) => {
    attempt(request, response, () => {
      throw new GraphError(404, 'ResourceNotFound', 'Invalid version.');
    });
  });
  return app;
}

/** Entra's userinfo endpoint; `sub` is the one of the client's ID token. */
function userinfo(authorization: string | undefined, tenant: GraphTenant) {
  const caller = authenticate(authorization, tenant);
  const user = caller.kind === 'delegated' ? tenant.users.find(({ oid }) => oid === caller.oid) : undefined;
  if (!user) throw insufficientPrivileges();
  return {
    sub: pairwiseSubject(user.oid, caller.appId),
    name: user.displayName,
    given_name: user.givenName,
    family_name: user.surname,
    email: user.email,
  };
}

function attempt(request: Request, response: Response, produce: (correlation: Correlation) => GraphResponse): void {
  const correlation = correlationOf(request);
  setHeaders(response, correlation);
  try {
    send(response, produce(correlation));
  } catch (problem) {
    if (!(problem instanceof GraphError)) throw problem;
    send(response, refuse(problem, correlation));
  }
}

function send(response: Response, { status, headers, body }: GraphResponse): void {
  response.status(status).set(headers).set('Cache-Control', 'no-cache').json(body);
}

function correlationOf(request: Request): Correlation {
  return correlate(request.get('client-request-id'));
}

function setHeaders(response: Response, { requestId, clientRequestId }: Correlation): void {
  response.set({ 'request-id': requestId, 'client-request-id': clientRequestId, 'x-ms-ags-diagnostic': diagnostic });
}
