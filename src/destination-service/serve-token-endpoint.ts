import express, { type Router } from 'express';
import type { Identity } from './identity.ts';
import { answerTokenRequest, type TokenEndpointOptions } from './token-endpoint.ts';

/** `/oauth/token`, and the keys that its tokens are signed with. */
export function serveTokenEndpoint(options: TokenEndpointOptions, originOf: () => string): Router {
  const router = express.Router();
  const keys = { keys: [jwk(options.identity)] };
  router.get(['/token_keys', '/oauth2/certs'], (_request, response) => void response.json(keys));
  router.get('/.well-known/openid-configuration', (_request, response) => {
    const origin = originOf();
    response.json({
      issuer: `${origin}/oauth/token`,
      token_endpoint: `${origin}/oauth/token`,
      jwks_uri: `${origin}/token_keys`,
      grant_types_supported: ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
  });
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: '128kb' });
  router.post('/oauth/token', form, async (request, response) => {
    const body = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const { status, body: answer } = await answerTokenRequest(
      options,
      originOf(),
      body,
      request.get('authorization'),
      request.get('x-zid') || undefined,
    );
    if (status === 401) response.set('www-authenticate', challengeOf(answer));
    // RFC 6749 5.1 wants both.
    response.set('pragma', 'no-cache').status(status).json(answer);
  });
  router.all('/oauth/token', (_request, response) => {
    const error_description = 'Tokens are asked for with POST, and a form in its body';
    response.status(405).set('allow', 'POST').json({ error: 'method_not_allowed', error_description });
  });
  return router;
}

/** As XSUAA writes it, whichever way the client showed who it is (token-flows.md D5). */
function challengeOf({ error, error_description: description }: Readonly<Record<string, unknown>>): string {
  return `Basic error="${error}", error_description="${description}"`;
}

function jwk({ publicKey, keyId }: Identity): Readonly<Record<string, unknown>> {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig', value: pem };
}
