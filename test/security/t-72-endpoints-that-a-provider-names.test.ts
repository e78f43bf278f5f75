import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openRouter } from '../e2e/approuter/support/open-router.ts';
import { ask } from '../e2e/support/ask.ts';
import { atEnd } from '../support/at-end.ts';

/**
 * T-72. Discovery decides where secrets and codes are sent and whose keys are believed: metadata that names a plain-http
 * endpoint, or another issuer, moves a whole login elsewhere.
 *
 * What must hold: metadata of another issuer is refused; its endpoints are https, or plain http on this very machine;
 * what it says is asked for nowhere else, and a redirect of it is not followed.
 */
let elsewhere: Backend;
let metadata: (origin: string) => object;
let origin: string;
let redirects: string | undefined;
beforeAll(async () => {
  elsewhere = await openBackend();
  const server = createServer((_, response) => {
    if (redirects !== undefined) return void response.writeHead(302, { location: redirects }).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata(origin)));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
});
beforeEach(() => {
  redirects = undefined;
  elsewhere.forget();
});

const honest = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  end_session_endpoint: `${issuer}/logout`,
  response_types_supported: ['code'],
  id_token_signing_alg_values_supported: ['RS256'],
});
async function begin() {
  const router = await openRouter({
    xsApp: { routes: [{ source: '^/', destination: 'b' }] },
    env: {
      OIDC_ISSUER: origin,
      OIDC_CLIENT_ID: 'c',
      OIDC_CLIENT_SECRET: 'canary-secret',
      destinations: [{ name: 'b', url: elsewhere.origin }],
    },
  });
  return ask(router.origin, '/x', { headers: { accept: 'text/html' } });
}

test('honest metadata begins a login', async () => {
  metadata = honest;
  expect((await begin()).status).toBe(302);
});

test.each<[what: string, change: (issuer: string) => object]>([
  ['another issuer', () => ({ issuer: 'https://evil.example' })],
  ['an issuer that begins like it', (issuer) => ({ issuer: `${issuer}.evil.example` })],
  ['a token endpoint by plain http elsewhere', () => ({ token_endpoint: 'http://evil.example/token' })],
  ['keys by plain http elsewhere', () => ({ jwks_uri: 'http://evil.example/keys' })],
  [
    'an authorization endpoint by plain http elsewhere',
    () => ({ authorization_endpoint: 'http://evil.example/authorize' }),
  ],
  ['an end session endpoint by plain http elsewhere', () => ({ end_session_endpoint: 'http://evil.example/logout' })],
  ['a revocation endpoint by plain http elsewhere', () => ({ revocation_endpoint: 'http://evil.example/revoke' })],
  ['a placeholder where nobody asked for all tenants', (issuer) => ({ issuer: `${issuer}/{tenantid}/v2.0` })],
  ['the address of a metadata service', () => ({ jwks_uri: 'http://169.254.169.254/keys' })],
  ['a host that looks like this machine', () => ({ token_endpoint: 'http://localhost.evil.example/token' })],
  ['keys in a file', () => ({ jwks_uri: 'file:///etc/passwd' })],
  ['a script as authorization endpoint', () => ({ authorization_endpoint: 'javascript:alert(1)//' })],
  ['user and password in an endpoint', () => ({ token_endpoint: 'https://u:p@evil.example/token' })],
])('metadata with %s begins none', async (_, change) => {
  metadata = (issuer) => ({ ...honest(issuer), ...change(issuer) });
  const { status, headers, text } = await begin();
  expect([401, 502]).toContain(status);
  expect(headers.location).toBeUndefined();
  expect(text).not.toMatch(/canary|evil|169\.254/);
});

test('metadata that redirects is followed nowhere', async () => {
  redirects = `${elsewhere.origin}/.well-known/openid-configuration`;
  expect((await begin()).status).toBe(502);
  expect(elsewhere.calls).toEqual([]);
});
