import express, { type Express } from 'express';
import type { CallRecorder } from '../http/calls.ts';
import { rawBody } from '../http/raw-body.ts';
import { answerError } from './answer-error.ts';
import type { Directory } from './directory.ts';
import { discoveryDocument, keySet } from './metadata.ts';
import { interactionRouter } from './op/interaction.ts';
import type { OpenIdProvider } from './op/provider.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { revocationEndpoint } from './revocation-endpoint.ts';
import { makeSignInGrants } from './sign-in-grants.ts';
import { tokenEndpoint } from './token-endpoint.ts';
import { readTenant } from './token-request.ts';

export interface AuthorityParts {
  readonly directory: Directory;
  readonly op: OpenIdProvider;
  readonly refreshTokens: RefreshTokens;
  readonly recorder: CallRecorder;
  /** Entra's userinfo endpoint lives at Graph (token-flows.md A1). */
  readonly userinfoUrl: string;
}

/** The web server that stands in for login.microsoftonline.com: our own doors first, then the OpenID Provider. */
export function makeAuthority({ directory, op, refreshTokens, recorder, userinfoUrl }: AuthorityParts): Express {
  const { tenant } = directory;
  const record = recorder.record('entra');
  const signIn = makeSignInGrants(op, directory);
  const provider = op.provider.callback();
  const app = express().disable('x-powered-by').disable('etag');

  app.all('/:tenant/oauth2/v2.0/token', rawBody, record, tokenEndpoint(directory, signIn, refreshTokens));
  if (directory.revocation) app.post('/:tenant/oauth2/v2.0/revoke', rawBody, record, revocationEndpoint(directory, op));
  app.get('/:tenant/v2.0/.well-known/openid-configuration', record, (request, response) => {
    const shared = readTenant(String(request.params['tenant']), directory);
    const document = discoveryDocument(directory, userinfoUrl);
    // The shared endpoints' document has a placeholder where the tenant belongs (token-flows.md A1).
    response.json(shared ? { ...document, issuer: `${directory.origin}/{tenantid}/v2.0` } : document);
  });
  app.get('/:tenant/discovery/v2.0/keys', record, (request, response) => {
    readTenant(String(request.params['tenant']), directory);
    response.json(keySet(directory));
  });
  app.use(op.signInPath, rawBody, record, interactionRouter(op, directory));
  // The OP reads bodies itself.
  app.use(record, (request, response, next) => {
    if (!request.path.startsWith(`/${tenant}/`)) return next();
    provider(request, response).catch(next);
  });
  app.use(answerError);
  return app;
}
