import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { openRouter, type Router } from '../e2e/approuter/support/open-router.ts';
import { openXsuaa, type Xsuaa } from '../e2e/approuter/support/open-xsuaa.ts';
import { ask } from '../e2e/support/ask.ts';
import { cookieOf, type Gateway, openGateway, sessionCookie } from '../e2e/support/open-gateway.ts';

/**
 * T-40. What is kept for one caller was given to another when many asked at once (CVE-2024-51987, CVE-2025-26620). Backends'
 * CSRF tokens that the router keeps are such things; and a router that adds them for everybody undoes what they are for.
 *
 * What must hold: a token, and the session of the backend it belongs to, goes along with requests of the same session, the
 * same login and the same credential only; a request that another site may have sent is given none.
 */
const service = '/sap/opu/odata/sap/CARGO_SRV';

let gateway: Gateway;
let xsuaa: Xsuaa;
let router: Router;
beforeAll(async () => {
  [gateway, xsuaa] = await Promise.all([openGateway(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      logout: { logoutEndpoint: '/out' },
      routes: [
        { source: '^/abap(/.*)$', target: '$1', destination: 'abap' },
        { source: '^/own(/.*)$', target: '$1', destination: 'abap', csrfProtection: false },
        { source: '^/public(/.*)$', target: '$1', destination: 'abap', authenticationType: 'none' },
        { source: '^/open(/.*)$', target: '$1', destination: 'open', authenticationType: 'none' },
      ],
    },
    env: {
      destinations: [
        { name: 'abap', url: gateway.origin, forwardAuthToken: true, 'csrfToken.fetch': true },
        { name: 'open', url: gateway.origin, 'csrfToken.fetch': true },
      ],
    },
  });
});
beforeEach(() => gateway.forget());

const post = (path: string, headers: Record<string, string> = {}) =>
  [`/${path}${service}/Cargos`, { method: 'POST', body: 'a', headers }] as const;

async function logIn(client: ReturnType<typeof openClient>, name: string) {
  xsuaa.claims = { sub: name, user_name: name };
  await client.logIn('/abap/');
  return { client, headers: { 'x-csrf-token': await client.csrf('/abap/') } };
}

test('two sessions each of three users, 300 requests that run into each other: none is refused, none is another’s', async () => {
  const names = ['ada', 'ben', 'cleo', 'ada', 'ben', 'cleo'];
  const visitors: Awaited<ReturnType<typeof logIn>>[] = [];
  for (const name of names) visitors.push(await logIn(openClient(router.origin), name));
  gateway.forget();
  gateway.delay = 20;
  await Promise.all(
    Array.from({ length: 300 }, async (_, n) => {
      await sleep(Math.random() * 100);
      const { client, headers } = visitors[n % visitors.length] as (typeof visitors)[number];
      await client.ask(...post('abap', headers));
    }),
  );
  const changes = gateway.changes();
  expect(changes).toHaveLength(300);
  expect(changes.filter(({ status }) => status !== 201)).toEqual([]);
  const pairs = new Set(changes.map(({ headers }) => `${headers.authorization} ${headers['x-csrf-token']}`));
  expect(pairs.size).toBe(visitors.length);
  expect(gateway.fetches()).toHaveLength(visitors.length);
});

describe('the same browser', () => {
  test('after a logout, as somebody else: nothing of the first is there', async () => {
    const client = openClient(router.origin);
    const ada = await logIn(client, 'ada');
    await client.ask(...post('abap', ada.headers));
    await client.ask('/out');
    const ben = await logIn(client, 'ben');
    const [first] = gateway.changes();
    const from = gateway.calls.length;
    expect((await client.ask(...post('abap', ben.headers))).status).toBe(201);
    const own = gateway.calls.slice(from);
    expect(own.map(({ method }) => method)).toEqual(['HEAD', 'POST']);
    const hidden = [first?.headers['x-csrf-token'], cookieOf(first?.headers ?? {}, sessionCookie)];
    for (const value of hidden) expect(JSON.stringify(own)).not.toContain(value);
  });

  test('with a login that has been renewed: the token is for the credential it was given to', async () => {
    xsuaa.lifetime = 3_600;
    const { client, headers } = await logIn(openClient(router.origin), 'ada');
    await client.ask(...post('abap', headers));
    await client.ask('/-/session', { method: 'POST', headers });
    await client.ask(...post('abap', headers));
    const [first, second] = gateway.changes();
    expect(second?.headers.authorization).not.toBe(first?.headers.authorization);
    expect(gateway.fetches().map((call) => call.headers.authorization)).toEqual([
      first?.headers.authorization,
      second?.headers.authorization,
    ]);
  });

  test('with another Authorization of its own, on a public route', async () => {
    const client = openClient(router.origin);
    gateway.onFetch = () => ({ withoutToken: true }); // or it would be the backend's that the client gets
    const own = await client.csrf('/open/');
    gateway.forget();
    const as = (name: string) => ({ 'x-csrf-token': own, authorization: `Basic ${name}` });
    for (const name of ['ada', 'ben', 'ada', 'ben'])
      expect((await client.ask(...post('open', as(name)))).status).toBe(201);
    for (const [i, { headers }] of gateway.changes().entries())
      expect(headers.authorization).toBe(`Basic ${['ada', 'ben'][i % 2]}`);
    expect(gateway.changes().every(({ status }) => status === 201)).toBe(true);
  });
});

test('a program gets none of another one’s', async () => {
  const [ada, ben] = [await xsuaa.sign({ sub: 'ada' }), await xsuaa.sign({ sub: 'ben' })];
  for (const token of [ada, ben, ada, ben]) {
    const [path, asked] = post('abap', { 'x-approuter-authorization': `Bearer ${token}` });
    expect((await ask(router.origin, path, asked)).status).toBe(201);
  }
  expect(gateway.fetches().map(({ headers }) => headers.authorization)).toEqual([`Bearer ${ada}`, `Bearer ${ben}`]);
  expect(gateway.changes().every(({ status }) => status === 201)).toBe(true);
});

describe('a page of another site, with the cookie of somebody who is logged in', () => {
  const strange: Record<string, string>[] = [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'x-csrf-token': '' },
    { 'x-csrf-token': 'fetch' },
    { 'x-csrf-token': 'Required' },
    { x_csrf_token: 'guessed' },
  ];
  test.each(strange)('changes nothing where only the backend asks for a token: %j', async (headers) => {
    const { client } = await logIn(openClient(router.origin), 'ada');
    for (const route of ['own', 'public']) {
      gateway.forget();
      expect((await client.ask(...post(route, headers))).status).toBe(403);
      expect(gateway.fetches()).toEqual([]);
    }
  });

  test('nor with what the browser adds for a host without a session: Authorization, or a cookie', async () => {
    for (const headers of [{ authorization: 'Basic ada' }, { cookie: 'any=1' }]) {
      const [path, asked] = post('open', headers);
      expect((await ask(router.origin, path, asked)).status).toBe(403);
    }
    expect(gateway.fetches()).toEqual([]);
  });

  test('nor where the router asks for its own: nothing reaches the backend', async () => {
    const { client } = await logIn(openClient(router.origin), 'ada');
    gateway.forget();
    expect((await client.ask(...post('abap', { 'sec-fetch-site': 'same-origin' }))).status).toBe(403);
    expect(gateway.calls).toEqual([]);
  });
});

test('no answer tells a token of the backend, or its session', async () => {
  const { client, headers } = await logIn(openClient(router.origin), 'ada');
  gateway.forget();
  const replies = [await client.ask(...post('abap', headers))];
  gateway.endSessions();
  replies.push(await client.ask(...post('abap', headers)));
  const [, ...told] = gateway
    .changes()
    .flatMap((call) => [call.headers['x-csrf-token'], cookieOf(call.headers, sessionCookie)]);
  expect(told.length).toBeGreaterThan(3);
  for (const secret of told)
    for (const { rawHeaders, text } of replies) expect(JSON.stringify([rawHeaders, text])).not.toContain(secret);
});
