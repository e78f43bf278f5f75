import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { clientId, openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 3.9: how a route asks for a login, and at whom. */

let backend: Backend;
let xsuaa: Xsuaa;
let router: Router;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      routes: [
        { source: '^/default', destination: 'b' },
        { source: '^/xsuaa', destination: 'b', authenticationType: 'xsuaa' },
        { source: '^/idp', destination: 'b', identityProvider: 'crew-idp' },
        { source: '^/dynamic', destination: 'b', identityProvider: 'crew-idp', dynamicIdentityProvider: true },
        { source: '^/rewritten/(.*)$', target: '/r/$1', destination: 'b', dynamicIdentityProvider: true },
        { source: '^/basic$', destination: 'b', authenticationType: 'basic', csrfProtection: false },
        { source: '^/basicforward', destination: 'f', authenticationType: 'basic' },
        { source: '^/scoped', destination: 'b', authenticationType: 'basic', scope: '$XSAPPNAME.Master' },
        { source: '^/public', destination: 'f', authenticationType: 'none' },
      ],
    },
    env: {
      PORTUNUS_SAP_IDP_ALLOWLIST: 'guest-idp, first,second',
      destinations: [
        { name: 'b', url: backend.origin },
        { name: 'f', url: backend.origin, forwardAuthToken: true },
      ],
    },
  });
});
beforeEach(() => {
  backend.forget();
  xsuaa.claims = {};
});

/** Where a GET without a session is sent. */
async function sentTo(target: string, origin = router.origin): Promise<URL> {
  return new URL((await ask(origin, target, { headers: { accept: 'text/html' } })).headers.location ?? '');
}

describe('the authorization request', () => {
  it.each(['/default', '/xsuaa'])('%s: code, client, redirect URI, state, nonce and S256', async (target) => {
    const { origin, pathname, searchParams: query } = await sentTo(target);
    expect(origin + pathname).toBe(`${xsuaa.origin}/oauth/authorize`);
    expect(query.get('response_type')).toBe('code');
    expect(query.get('client_id')).toBe(clientId);
    expect(query.get('redirect_uri')).toBe(`http://127.0.0.1:${router.port}/login/callback`);
    expect(query.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query.get(name)?.length).toBeGreaterThan(40);
    expect(query.has('idp')).toBe(false);
  });

  it.each<[what: string, target: string, idp: string | null]>([
    ['identityProvider is handed on', '/idp', 'crew-idp'],
    ['sap_idp does nothing where it is not read', '/idp?sap_idp=guest-idp', 'crew-idp'],
    ['sap_idp overrides', '/dynamic?sap_idp=guest-idp', 'guest-idp'],
    ['sap_idp among other parameters', '/dynamic?a=1&sap_idp=guest-idp&b=2', 'guest-idp'],
    ['sap_idp that nobody allowed', '/dynamic?sap_idp=evil', 'crew-idp'],
    ['sap_idp that is empty', '/dynamic?sap_idp=', 'crew-idp'],
    ['sap_idp where the route names none', '/rewritten/x?sap_idp=guest-idp', 'guest-idp'],
    ['sap_idp that nobody allowed where the route names none', '/rewritten/x?sap_idp=evil', null],
    ['no sap_idp', '/dynamic', 'crew-idp'],
  ])('%s: %s', async (_, target, idp) => {
    expect((await sentTo(target)).searchParams.get('idp')).toBe(idp);
  });

  it('a chain of two providers may be allowed', async () => {
    const open = await openRouter({
      xsuaa,
      xsApp: { routes: [{ source: '^/x', destination: 'b', dynamicIdentityProvider: true }] },
      env: { PORTUNUS_SAP_IDP_ALLOWLIST: 'first,second', destinations: [{ name: 'b', url: backend.origin }] },
    });
    expect((await sentTo('/x?sap_idp=first%2Csecond', open.origin)).searchParams.get('idp')).toBe('first,second');
  });

  it('DYNAMIC_IDENTITY_PROVIDER sets it for all routes; a route may still say no', async () => {
    const all = await openRouter({
      xsuaa,
      xsApp: {
        routes: [
          { source: '^/x', destination: 'b' },
          { source: '^/no', destination: 'b', dynamicIdentityProvider: false },
        ],
      },
      env: {
        DYNAMIC_IDENTITY_PROVIDER: 'true',
        PORTUNUS_SAP_IDP_ALLOWLIST: 'guest-idp',
        destinations: [{ name: 'b', url: backend.origin }],
      },
    });
    expect((await sentTo('/x?sap_idp=guest-idp', all.origin)).searchParams.get('idp')).toBe('guest-idp');
    expect((await sentTo('/no?sap_idp=guest-idp', all.origin)).searchParams.get('idp')).toBe(null);
  });
});

describe('sap_idp of a user who is logged in', () => {
  it.each<[target: string, seen: string]>([
    ['/rewritten/x?sap_idp=guest-idp', '/r/x'],
    ['/rewritten/x?a=1&sap_idp=guest-idp&b=%20', '/r/x?a=1&b=%20'],
    ['/rewritten/x?xsap_idp=1', '/r/x?xsap_idp=1'],
    ['/rewritten/sap_idp=1', '/r/sap_idp=1'],
    ['/idp?sap_idp=1', '/idp?sap_idp=1'],
  ])('%s reaches the backend as %s', async (target, seen) => {
    const user = openClient(router.origin);
    await user.logIn('/default');
    expect((await user.ask(target)).status).toBe(200);
    expect(backend.last().url).toBe(seen);
  });

  it('is gone from where the login lands', async () => {
    expect(await openClient(router.origin).logIn('/rewritten/x?a=1&sap_idp=guest-idp')).toBe('/rewritten/x?a=1');
  });
});

describe('authenticationType basic', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it.each<[what: string, headers: Record<string, string>]>([
    ['no credentials', {}],
    ['no credentials of a page', { accept: 'text/html' }],
    ['wrong credentials', basic('skipper:wrong')],
    ['no colon', basic('skipper')],
    ['an empty user', basic(':')],
    ['no base64', { authorization: 'Basic %%%' }],
    ['another scheme', { authorization: 'Bearer x' }],
  ])('%s: 401 with a Basic challenge', async (_, headers) => {
    const reply = await ask(router.origin, '/basic', { headers });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(backend.calls).toHaveLength(0);
  });

  it('good credentials pass, are checked at the provider, and are not handed to the backend', async () => {
    const reply = await ask(router.origin, '/basic', { headers: basic('skipper:ahoy:1') });
    expect(reply.status).toBe(200);
    expect(backend.last().headers.authorization).toBeUndefined();
    expect(xsuaa.grants('password').at(-1)?.form.get('password')).toBe('ahoy:1');
  });

  it('a destination that forwards the token gets the token', async () => {
    await ask(router.origin, '/basicforward', { headers: basic('skipper:ahoy:1') });
    expect(backend.last().headers.authorization).toMatch(/^Bearer eyJ/);
  });

  it('a POST with good credentials is a POST', async () => {
    const reply = await ask(router.origin, '/basic', { method: 'POST', headers: basic('skipper:ahoy:1'), body: 'x' });
    expect(reply.status).toBe(200);
    expect(backend.last().body).toBe('x');
  });

  it('scopes count', async () => {
    expect((await ask(router.origin, '/scoped', { headers: basic('skipper:ahoy:1') })).status).toBe(403);
  });

  it('credentials on a route of another type are no login', async () => {
    const headers = { ...basic('skipper:ahoy:1'), 'x-requested-with': 'XMLHttpRequest' };
    expect((await ask(router.origin, '/default', { headers })).status).toBe(401);
  });
});

describe('authenticationType none', () => {
  it('asks nobody, and uses a session that exists', async () => {
    expect((await ask(router.origin, '/public')).status).toBe(200);
    expect(backend.last().headers.authorization).toBeUndefined();
    const user = openClient(router.origin);
    await user.logIn('/default');
    await user.ask('/public');
    expect(backend.last().headers.authorization).toMatch(/^Bearer eyJ/);
  });
});
