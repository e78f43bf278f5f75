import { createHmac } from 'node:crypto';
import { createClient } from '@redis/client';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openClient } from '../approuter/support/client.ts';
import { type Backend, openBackend } from '../approuter/support/open-backend.ts';
import { openRouter, type Router } from '../approuter/support/open-router.ts';
import { openXsuaa, type Xsuaa } from '../approuter/support/open-xsuaa.ts';
import { ask } from '../support/ask.ts';
import { cookieOf, type Gateway, openGateway, sessionCookie } from '../support/open-gateway.ts';
import { openRedis, type Redis } from './support/open-redis.ts';

/** Programs that run a session of their own, at two instances over one Redis (xs-app.md section 9). */

let backend: Backend;
let gateway: Gateway;
let xsuaa: Xsuaa;
let redis: Redis;
let one: Router;
let two: Router;
const secret = 'secret of the signatures';
beforeAll(async () => {
  [backend, gateway, xsuaa, redis] = await Promise.all([openBackend(), openGateway(), openXsuaa(), openRedis()]);
  const open = (env: object) =>
    openRouter({
      xsuaa,
      xsApp: {
        logout: { logoutEndpoint: '/out' },
        routes: [
          { source: '^/abap(/.*)$', target: '$1', destination: 'abap' },
          { source: '^/a', destination: 'b' },
        ],
      },
      env: {
        destinations: [
          { name: 'b', url: backend.origin },
          { name: 'abap', url: gateway.origin, forwardAuthToken: true, 'csrfToken.fetch': true },
        ],
        REDIS_URL: redis.url,
        SVC2AR_EXTERNAL_SESSION_ID_SECRET: secret,
        SVC2AR_STORE_CSRF_IN_EXTERNAL_SESSION: 'true',
        STORE_SESSION_COOKIES_IN_EXTERNAL_SESSION_STORE: 'true',
        SESSION_SECRET: 'one secret for every instance, long enough to be one',
        ...env,
      },
    });
  [one, two] = await Promise.all([open({}), open({})]);
});
beforeEach(() => {
  backend.forget();
  gateway.forget();
});

const session = (id: string) => ({
  'x-approuter-ext-session-id': id,
  'x-approuter-ext-session-id-sig': createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, ''),
  'x-approuter-ext-session-expiry': String(Math.floor(Date.now() / 1_000) + 60),
});
const call = async (router: Router, headers: Record<string, string>, method = 'GET') =>
  ask(router.origin, '/a', {
    method,
    headers: { 'x-approuter-authorization': `Bearer ${await xsuaa.sign()}`, ...headers },
  });

describe('a session that a program runs', () => {
  test('keeps cookies of backends for every instance, and sets none', async () => {
    backend.answer(200, { 'set-cookie': ['be=tidal; Path=/', 'gone=1; Path=/'] });
    expect((await call(one, session('cargo'))).headers['set-cookie']).toBeUndefined();
    backend.answer(200, { 'set-cookie': 'gone=; Path=/; Max-Age=0' });
    await call(two, session('cargo'));
    expect(backend.last().headers.cookie).toBe('be=tidal; gone=1');
    backend.forget();
    await call(one, session('cargo'));
    expect(backend.last().headers.cookie).toBe('be=tidal');
    await call(two, session('another'));
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  test('has one CSRF token at every instance', async () => {
    expect((await call(two, session('csrf'), 'POST')).status).toBe(403);
    const { headers } = await call(one, { ...session('csrf'), 'x-csrf-token': 'fetch' });
    const token = String(headers['x-csrf-token']);
    expect((await call(two, { ...session('csrf'), 'x-csrf-token': token }, 'POST')).status).toBe(200);
    expect((await call(two, { ...session('other'), 'x-csrf-token': token }, 'POST')).status).toBe(403);
  });

  test('is not legible in Redis: neither its id nor a cookie', async () => {
    backend.answer(200, { 'set-cookie': 'be=legible-cookie' });
    await call(one, session('legible-id'));
    const client = await createClient({ url: redis.url }).connect();
    try {
      const keys = await client.keys('*');
      expect(keys.length).toBeGreaterThan(0);
      // As Redis writes them down itself, whatever kind they are.
      const values = await Promise.all(keys.map((key) => client.sendCommand(['DUMP', key])));
      expect(String(values).length).toBeGreaterThan(100);
      expect(String([keys, values])).not.toMatch(/legible/);
    } finally {
      client.destroy();
    }
  });

  test('is 503 while Redis is away, and there again after it; calls without a session go on', async () => {
    await redis.kill();
    expect((await call(one, session('cargo'))).status).toBe(503);
    expect((await call(one, {})).status).toBe(200);
    await redis.start();
    await expect.poll(async () => (await call(one, session('cargo'))).status, { timeout: 5_000 }).toBe(200);
  });
});

describe('CSRF tokens of a backend, at two instances', () => {
  const post = { method: 'POST', body: 'a' };
  const sessionOf = (call: Gateway['calls'][number] | undefined) => cookieOf(call?.headers ?? {}, sessionCookie);
  const told = () => gateway.calls.map(({ method, status }) => `${method} ${status}`);

  test('each fetches its own for the one session of the user, and sees when the other has begun a new one', async () => {
    const user = openClient(one.origin);
    await user.logIn('/abap/');
    const headers = { host: 'localhost', cookie: '', 'x-csrf-token': await user.csrf('/abap/') };
    headers.cookie = [...user.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const change = (router: Router) => ask(router.origin, '/abap/x', { ...post, headers });
    gateway.forget();
    for (const router of [one, two, one, two]) expect((await change(router)).status).toBe(201);
    expect(told()).toEqual(['HEAD 200', 'POST 201', 'HEAD 200', 'POST 201', 'POST 201', 'POST 201']);
    expect(new Set(gateway.changes().map(sessionOf)).size).toBe(1);
    gateway.endSessions();
    gateway.forget();
    for (const router of [two, one]) expect((await change(router)).status).toBe(201);
    expect(told(), 'refused at one instance only').toEqual([
      'POST 403',
      'HEAD 200',
      'POST 201',
      'HEAD 200',
      'POST 201',
    ]);
    expect(new Set(gateway.changes().map(sessionOf)).size).toBe(2);
    await user.ask('/out');
    gateway.forget();
    for (const router of [one, two]) expect((await change(router)).status).toBe(401);
    expect(gateway.calls).toEqual([]);
  });

  test('twenty requests at once at both: none is refused', async () => {
    const user = openClient(one.origin);
    await user.logIn('/abap/');
    const csrf = await user.csrf('/abap/');
    const cookie = [...user.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { host: 'localhost', cookie, 'x-csrf-token': csrf };
    gateway.forget();
    gateway.delay = 30;
    const origins = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).origin);
    const replies = await Promise.all(origins.map((origin) => ask(origin, '/abap/x', { ...post, headers })));
    expect(replies.map(({ status }) => status)).toEqual(origins.map(() => 201));
    expect(gateway.changes().filter(({ status }) => status !== 201)).toEqual([]);
    expect(gateway.fetches().length, 'one at each, and another where it hears of the other’s').toBeLessThan(10);
  });

  test('a session of the same id that begins anew has none of the one before', async () => {
    const bearer = { 'x-approuter-authorization': `Bearer ${await xsuaa.sign()}` };
    const run = async () => {
      const headers = { ...session('anew'), ...bearer };
      const { headers: got } = await ask(one.origin, '/abap/', { headers: { ...headers, 'x-csrf-token': 'fetch' } });
      const token = String(got['x-csrf-token']);
      gateway.forget();
      expect(
        (await ask(one.origin, '/abap/x', { ...post, headers: { ...headers, 'x-csrf-token': token } })).status,
      ).toBe(201);
      return gateway.calls;
    };
    const first = [...(await run())];
    const client = await createClient({ url: redis.url }).connect();
    await client.flushAll();
    client.destroy();
    const again = await run();
    expect(again.map(({ method }) => method)).toEqual(['HEAD', 'POST']);
    expect(again[0]?.headers.cookie, 'no cookie of the backend either').toBeUndefined();
    expect(sessionOf(again[1])).not.toBe(sessionOf(first[1]));
  });
});

describe('a program without a session', () => {
  const arbe = (line: readonly string[] | undefined) =>
    line?.find((text) => text.startsWith('ARBE='))?.split(';')[0] ?? '';

  test('carries cookies of backends from instance to instance, sealed with BACKEND_COOKIES_SECRET', async () => {
    const open = (sessionSecret: string, cookiesSecret: string) =>
      openRouter({
        xsuaa,
        xsApp: { routes: [{ source: '^/a', destination: 'b' }] },
        env: {
          destinations: [{ name: 'b', url: backend.origin }],
          SESSION_SECRET: sessionSecret,
          BACKEND_COOKIES_SECRET: cookiesSecret,
        },
      });
    const [first, second, stranger] = await Promise.all([
      open('s1', 'shared'),
      open('s2', 'shared'),
      open('s1', 'own'),
    ]);
    backend.answer(200, { 'set-cookie': 'be=1' });
    const cookie = arbe((await call(first, {})).headers['set-cookie']);
    backend.forget();
    await call(second, { cookie });
    expect(backend.last().headers.cookie).toBe('be=1');
    await call(stranger, { cookie });
    expect(backend.last().headers.cookie).toBeUndefined();
  });
});
