import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { loginHouse } from '../../support/make-house.ts';
import { logIn, visitor } from '../../support/visitor.ts';

const plugins = [{ name: 'crane', source: '^/crane/(.*)$', target: '/$1', destination: 'b', scope: 'x' }];
const { app } = await loginHouse(
  {
    xsApp: {
      whitelistService: { endpoint: '/allowlist' },
      pluginMetadataEndpoint: '/plugins',
      logout: { logoutEndpoint: '/out' },
      login: { callbackEndpoint: '/custom/callback' },
      routes: [{ source: '^/(.*)$', localDir: 'web', authenticationType: 'none' }],
    },
    files: { 'web/x': 'x' },
    env: {
      plugins,
      destinations: [{ name: 'b', url: 'http://127.0.0.1:9' }],
      CJ_PROTECT_WHITELIST: [{ host: '*.portal.example', protocol: 'https' }],
    },
  },
  { ada: {} },
);

describe('own endpoints stand before any route, by path without query (xs-app.md 3.2 step 0)', () => {
  test.each([
    ['/custom/callback?x=1', 400],
    ['/out?skip-redirect', 200],
    ['/allowlist?x', 200],
    ['/plugins', 401],
    ['/-/health/live', 200],
  ])('%s', async (path, status) => {
    expect((await supertest(app).get(path).set('accept', 'application/json')).status).toBe(status);
  });

  test('what only looks like one is for the routes', async () => {
    for (const path of ['/login/callback', '/outx', '/allowlist/', '/x/out', '/Out'])
      expect.soft((await supertest(app).get(path)).status, path).toBe(404);
  });
});

describe('the allowlist service (8.5)', () => {
  test.each([
    ['?parentOrigin=https%3A%2F%2Fa.portal.example', 'https://a.portal.example', true],
    ['?parentOrigin=http%3A%2F%2Fa.portal.example', 'http://a.portal.example', false],
    ['?parentOrigin=https%3A%2F%2Fevil.example', 'https://evil.example', false],
    ['?parentOrigin=', '', false],
    ['', 'null', false],
  ])('%s', async (query, origin, framing) => {
    const answer = await supertest(app).get(`/allowlist${query}`);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.body).toEqual({ version: '1.0', active: true, origin, framing });
  });

  test('other methods are not accepted', async () => {
    expect((await supertest(app).post('/allowlist')).status).toBe(405);
  });

  test('nothing configured: inactive', async () => {
    const { app: plain } = await loginHouse({ xsApp: { whitelistService: { endpoint: '/allowlist' } } });
    expect((await supertest(plain).get('/allowlist')).body).toMatchObject({ active: false, framing: false });
  });
});

describe('the list of plugins (8.6)', () => {
  test('with the properties they were given, slashes of the source escaped', async () => {
    const browser = visitor(app);
    const begun = await browser.get('/-/login?return_to=/x').set('accept', 'text/html');
    const state = new URL(begun.headers['location'] ?? '').searchParams.get('state');
    await browser.get(`/custom/callback?code=ada&state=${state}`);
    expect((await browser.get('/plugins')).body).toEqual([{ ...plugins[0], source: '^\\/crane\\/(.*)$' }]);
  });
});

test('the kit’s own way in works here too', async () => {
  const { app: usual } = await loginHouse({ xsApp: {}, files: { 'resources/x': 'x' } }, { ada: {} });
  expect((await logIn(visitor(usual), 'ada', '/x')).headers['location']).toBe('/x');
});
