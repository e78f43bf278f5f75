import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Client, openClient } from './support/client.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 6.8: who the user is, for the browser. */

let xsuaa: Xsuaa;
let router: Router;
let user: Client;
beforeAll(async () => {
  xsuaa = await openXsuaa();
  router = await openRouter({
    xsuaa,
    xsApp: {
      routes: [
        { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
        { source: '^/who$', target: '/currentUser', service: 'sap-approuter-userapi' },
        { source: '^/pilots/(.*)$', target: '/$1', service: 'sap-approuter-userapi', scope: '$XSAPPNAME.Master' },
        { source: '^/open/(.*)$', target: '/$1', service: 'sap-approuter-userapi', authenticationType: 'none' },
      ],
    },
  });
  user = openClient(router.origin);
  await user.logIn('/me/currentUser');
});

const ada = {
  firstname: 'Ada',
  lastname: 'Quay',
  email: 'skipper@harbour.example',
  name: 'skipper',
  scopes: ['openid', 'harbour!t7.Pilot'],
};

describe('/currentUser', () => {
  it.each(['/me/currentUser', '/who', '/me/currentUser?x=1'])('%s', async (target) => {
    const { status, headers, text } = await user.ask(target);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache, no-store');
    const told = { ...ada, displayName: 'Ada Quay (skipper)' };
    expect(JSON.parse(text)).toEqual(told);
    expect(text).toBe(JSON.stringify(JSON.parse(text), null, 2));
  });

  it.each<[claims: object, told: object]>([
    [{ given_name: undefined, family_name: undefined }, { displayName: 'skipper' }],
    [{ given_name: undefined }, { lastname: 'Quay', displayName: 'Quay (skipper)' }],
    [{ user_name: undefined }, { name: 'user-1', displayName: 'Ada Quay (user-1)' }],
    [{ email: undefined, scope: undefined }, { scopes: [] }],
  ])('with claims %o', async (claims, told) => {
    xsuaa.claims = { ...claims };
    const other = openClient(router.origin);
    await other.logIn('/me/currentUser');
    xsuaa.claims = {};
    expect(JSON.parse((await other.ask('/me/currentUser')).text)).toMatchObject(told);
  });
});

it('many scopes are compressed like any long answer (8.3)', async () => {
  const scope = Array.from({ length: 100 }, (_, i) => `harbour!t7.Berth${i}`);
  xsuaa.claims = { scope };
  const other = openClient(router.origin);
  await other.logIn('/me/currentUser');
  xsuaa.claims = {};
  const { headers, body } = await other.ask('/me/currentUser', { headers: { 'accept-encoding': 'gzip' } });
  expect(headers['content-encoding']).toBe('gzip');
  expect(headers.vary).toContain('Accept-Encoding');
  expect(JSON.parse(gunzipSync(body).toString()).scopes).toEqual(scope);
});

describe('/attributes', () => {
  it('has what the provider tells beside the profile', async () => {
    const told = JSON.parse((await user.ask('/me/attributes')).text);
    expect(told).toEqual({ ...ada, berth: ['7'] });
    expect(xsuaa.calls.find(({ path }) => path === '/userinfo')?.authorization).toMatch(/^Bearer eyJ/);
  });

  it.each<[what: string, userinfo: { status: number; body: unknown }]>([
    ['fails', { status: 500, body: {} }],
    ['refuses', { status: 401, body: { error: 'invalid_token' } }],
    ['tells nothing', { status: 200, body: {} }],
    ['tells nonsense', { status: 200, body: { user_attributes: 'x' } }],
    ['tells null', { status: 200, body: null }],
  ])('a provider that %s: the rest is still told', async (_, userinfo) => {
    const before = xsuaa.userinfo;
    xsuaa.userinfo = userinfo;
    const { status, text } = await user.ask('/me/attributes');
    xsuaa.userinfo = before;
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual(ada);
  });

  it('the provider cannot overwrite who the user is', async () => {
    const before = xsuaa.userinfo;
    xsuaa.userinfo = {
      status: 200,
      body: { user_attributes: { email: ['evil@example'], scopes: ['x'], __proto__: 1 } },
    };
    const told = JSON.parse((await user.ask('/me/attributes')).text);
    xsuaa.userinfo = before;
    expect(told).toMatchObject(ada);
  });
});

describe('everything else', () => {
  it.each([
    '/me/',
    '/me/currentuser',
    '/me/currentUser/',
    '/me/tokens',
    '/me/__proto__',
    '/me/constructor',
    '/me/toString',
  ])('%s: 404', async (target) => {
    expect((await user.ask(target)).status).toBe(404);
  });

  it('a stranger gets 401 or the login', async () => {
    const headers = { 'x-requested-with': 'XMLHttpRequest' };
    expect((await ask(router.origin, '/me/currentUser', { headers })).status).toBe(401);
    expect((await ask(router.origin, '/me/currentUser', { headers: { accept: 'text/html' } })).status).toBe(302);
    expect((await ask(router.origin, '/open/currentUser', { headers })).status).toBe(401);
  });

  it('scopes count', async () => {
    expect((await user.ask('/pilots/currentUser')).status).toBe(403);
  });

  it('a token can be fetched there', async () => {
    expect(await user.csrf('/me/currentUser')).toBeTruthy();
  });

  it('no token is told', async () => {
    for (const target of ['/me/currentUser', '/me/attributes'])
      expect((await user.ask(target)).text).not.toMatch(/eyJ|refresh-/);
  });
});
