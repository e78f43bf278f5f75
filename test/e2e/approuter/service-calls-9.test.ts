import { createHmac } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { type Claims, clientId, openXsuaa, type Xsuaa, xsappname } from './support/open-xsuaa.ts';
import { say, statusOf } from './support/say.ts';

/** xs-app.md section 9: programs that call with a token instead of a session (T-41). */

let backend: Backend;
let xsuaa: Xsuaa;
let router: Router;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      websockets: { enabled: true },
      routes: [
        { source: '^/a', destination: 'b' },
        { source: '^/f', destination: 'f' },
        { source: '^/scoped', destination: 'b', scope: '$XSAPPNAME.Master' },
        { source: '^/pilot', destination: 'b', scope: '$XSAPPNAME.Pilot' },
        { source: '^/public', destination: 'f', authenticationType: 'none' },
        { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
      ],
    },
    env: {
      destinations: [
        { name: 'b', url: backend.origin },
        { name: 'f', url: backend.origin, forwardAuthToken: true },
      ],
    },
  });
});
beforeEach(() => backend.forget());

const bearer = (token: string) => ({ 'x-approuter-authorization': `Bearer ${token}` });
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a good token', () => {
  it('stands for a login; neither it nor the header reaches the backend as sent', async () => {
    const token = await xsuaa.sign();
    const { status } = await ask(router.origin, '/a', { headers: bearer(token) });
    expect(status).toBe(200);
    expect(JSON.stringify(backend.last().rawHeaders)).not.toContain(token);
    expect(backend.last().headers['x-approuter-authorization']).toBeUndefined();
  });

  it('is forwarded where the destination forwards tokens', async () => {
    const token = await xsuaa.sign();
    await ask(router.origin, '/f', { headers: bearer(token) });
    expect(backend.last().headers.authorization).toBe(`Bearer ${token}`);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'MERGE'])('%s needs no CSRF token', async (method) => {
    const { status, headers } = await ask(router.origin, '/a', { method, headers: bearer(await xsuaa.sign()) });
    expect(status).toBe(200);
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('has scopes like any user', async () => {
    const headers = bearer(await xsuaa.sign());
    expect((await ask(router.origin, '/pilot', { headers })).status).toBe(200);
    expect((await ask(router.origin, '/scoped', { headers })).status).toBe(403);
  });

  it('wins over the session that comes along', async () => {
    const user = openClient(router.origin);
    await user.logIn('/a');
    const token = await xsuaa.sign({ user_name: 'machine' });
    const { text } = await user.ask('/me/currentUser', { headers: bearer(token) });
    expect(JSON.parse(text).name).toBe('machine');
  });

  it('is used on public routes as a session is', async () => {
    const token = await xsuaa.sign();
    await ask(router.origin, '/public', { headers: bearer(token) });
    expect(backend.last().headers.authorization).toBe(`Bearer ${token}`);
  });

  it.each([{}, { 'x-csrf-token': 'fetch' }])('makes no session: %j', async (more) => {
    const { headers } = await ask(router.origin, '/a', { headers: { ...bearer(await xsuaa.sign()), ...more } });
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('opens a WebSocket route as well', async () => {
    const head = `GET /a HTTP/1.1\r\nHost: localhost:${router.port}\r\nOrigin: ${router.origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n`;
    backend.server.once('upgrade', (_, socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    );
    const token = await xsuaa.sign();
    expect(statusOf(await say(router.port, `${head}X-Approuter-Authorization: Bearer ${token}\r\n\r\n`))).toBe(101);
    expect(
      statusOf(await say(router.port, `${head}X-Approuter-Authorization: Bearer ${await xsuaa.forge()}\r\n\r\n`)),
    ).toBeGreaterThanOrEqual(401);
  });

  it.each<[what: string, claims: Claims]>([
    ['the client id as audience', { aud: clientId }],
    ['the xsappname as audience', { aud: [xsappname] }],
    ['an audience that begins with one of them', { aud: [`${clientId}.uaa`] }],
    ['no audience and our client', { aud: undefined, cid: clientId }],
  ])('may have %s', async (_, claims) => {
    expect((await ask(router.origin, '/a', { headers: bearer(await xsuaa.sign(claims)) })).status).toBe(200);
  });
});

describe('a token that is refused: 401, with a challenge, never a redirect, and nothing reaches the backend', () => {
  const past = Math.floor(Date.now() / 1000) - 3_600;
  it.each<[what: string, make: () => string | Promise<string>]>([
    ['signed with a foreign key', () => xsuaa.forge()],
    ['for another audience', () => xsuaa.sign({ aud: ['other'], cid: 'sb-other' })],
    ['for another audience by our client', () => xsuaa.sign({ aud: ['other'] })],
    ['for an audience that only begins alike', () => xsuaa.sign({ aud: [`${clientId}x`, `${xsappname}-other`] })],
    ['without audience and of another client', () => xsuaa.sign({ aud: undefined, cid: 'sb-other' })],
    ['without audience and client', () => xsuaa.sign({ aud: undefined, cid: undefined })],
    ['of another issuer', () => xsuaa.sign({ iss: 'https://evil.example/oauth/token' })],
    ['without issuer', () => xsuaa.sign({ iss: undefined })],
    ['that has ended', () => xsuaa.sign({ exp: past })],
    ['without an end', () => xsuaa.sign({ exp: undefined })],
    ['not valid yet', () => xsuaa.sign({ nbf: Math.floor(Date.now() / 1000) + 3_600 })],
    ['of algorithm none', () => `${base64({ alg: 'none' })}.${base64(xsuaa.payload())}.`],
    ['of algorithm None', () => `${base64({ alg: 'None', typ: 'JWT' })}.${base64(xsuaa.payload())}.AA`],
    ['HS256 with the public key as secret', () => hs256(xsuaa.publicPem)],
    ['HS256 with the client id as secret', () => hs256(clientId)],
    [
      'with a changed payload',
      async () => (await xsuaa.sign()).replace(/\.[^.]+\./, `.${base64(xsuaa.payload({ user_name: 'admin' }))}.`),
    ],
    ['without its signature', async () => (await xsuaa.sign()).replace(/[^.]+$/, '')],
    [
      'with a key of its own (jwk)',
      async () => withHeader(await xsuaa.forge(), { jwk: { kty: 'RSA', n: 'x', e: 'AQAB' } }),
    ],
    [
      'with a key address of its own (jku)',
      async () => withHeader(await xsuaa.forge(), { jku: 'http://127.0.0.1:9/keys' }),
    ],
    ['with a kid that is a path', async () => withHeader(await xsuaa.forge(), { kid: '../../etc/passwd' })],
    ['with an unknown critical header', async () => withHeader(await xsuaa.sign(), { crit: ['x'], x: 1 })],
    ['that is no JWT', () => 'opaque'],
    ['of five parts', () => 'a.b.c.d.e'],
    ['that is empty', () => ''],
    ['of 20 KB', () => `${'a'.repeat(7_000)}.${'b'.repeat(7_000)}.${'c'.repeat(1_000)}`],
  ])('%s', async (_, make) => {
    for (const target of ['/a', '/public']) {
      const { status, headers, text } = await ask(router.origin, target, {
        headers: { ...bearer(await make()), accept: 'text/html' },
      });
      expect([401, 431]).toContain(status);
      if (status === 401) expect(headers['www-authenticate']).toMatch(/^Bearer/);
      expect(text).not.toMatch(/eyJ/);
    }
    expect(backend.calls).toHaveLength(0);
  });

  it.each([
    'Basic c2tpcHBlcjp3cm9uZw==',
    'Basic c2tpcHBlcg==',
    'Basic Og==',
    'Basic %',
    'Negotiate x',
    'eyJ.x.y',
    'Bearer',
    'Bearer a b',
  ])('%s is refused', async (value) => {
    const headers = { 'x-approuter-authorization': value };
    expect((await ask(router.origin, '/a', { headers })).status).toBe(401);
  });

  it('is refused even beside a session: never ignored', async () => {
    const user = openClient(router.origin);
    await user.logIn('/a');
    expect((await user.ask('/a', { headers: bearer(await xsuaa.forge()) })).status).toBe(401);
  });

  it('twice in a row is refused twice, good after bad is good', async () => {
    const bad = await xsuaa.forge();
    for (const status of [401, 401])
      expect((await ask(router.origin, '/a', { headers: bearer(bad) })).status).toBe(status);
    expect((await ask(router.origin, '/a', { headers: bearer(await xsuaa.sign()) })).status).toBe(200);
  });

  it('is refused once it has ended, though it was good before', async () => {
    const token = await xsuaa.sign({ exp: Math.floor(Date.now() / 1000) - 58 }); // within the tolerance of 60 s
    expect((await ask(router.origin, '/a', { headers: bearer(token) })).status).toBe(200);
    await new Promise((later) => setTimeout(later, 3_200));
    expect((await ask(router.origin, '/a', { headers: bearer(token) })).status).toBe(401);
  });
});

describe('user and password', () => {
  const basic = (pair: string) => ({ 'x-approuter-authorization': `Basic ${Buffer.from(pair).toString('base64')}` });

  it('get a token by the password grant, once for many calls', async () => {
    const before = xsuaa.grants('password').length;
    for (let call = 0; call < 3; call += 1)
      expect((await ask(router.origin, '/f', { headers: basic('skipper:ahoy:1') })).status).toBe(200);
    expect(backend.last().headers.authorization).toMatch(/^Bearer eyJ/);
    expect(JSON.stringify(backend.last().rawHeaders)).not.toContain('Basic');
    expect(xsuaa.grants('password')).toHaveLength(before + 1);
  });

  it('that are wrong are 401 each time, and asked about each time', async () => {
    const before = xsuaa.grants('password').length;
    for (const status of [401, 401])
      expect((await ask(router.origin, '/a', { headers: basic('skipper:wrong') })).status).toBe(status);
    expect(xsuaa.grants('password')).toHaveLength(before + 2);
    expect(backend.calls).toHaveLength(0);
  });
});

describe('backends that set session cookies', () => {
  const arbe = ({ headers }: { headers: { 'set-cookie'?: string[] | undefined } }) =>
    headers['set-cookie']?.find((line) => line.startsWith('ARBE='))?.split(';')[0] ?? '';

  it('have them sealed in the cookie ARBE of the caller, who brings them back; the backend wins', async () => {
    const headers = bearer(await xsuaa.sign());
    backend.answer(200, { 'set-cookie': ['be=1; Path=/', 'keep=1; Max-Age=9'] });
    const first = await ask(router.origin, '/a', { headers });
    const cookie = arbe(first);
    expect(first.headers['set-cookie']?.map((line) => line.split('=')[0]).sort()).toEqual(['ARBE', 'keep']);
    expect(first.headers['set-cookie']?.find((line) => line.startsWith('ARBE='))).toMatch(/; Path=\/; HttpOnly/);
    backend.forget();
    const second = await ask(router.origin, '/a', { headers: { ...headers, cookie: `be=0; mine=2; ${cookie}` } });
    expect(backend.last().headers.cookie).toBe('mine=2; be=1');
    expect(second.headers['set-cookie']).toBeUndefined();
    await ask(router.origin, '/f', { headers: { ...headers, cookie } });
    expect(backend.last().headers.cookie, 'another destination').toBeUndefined();
    const other = bearer(await xsuaa.sign({ sub: 'another' }));
    await ask(router.origin, '/a', { headers: { ...other, cookie } });
    expect(backend.last().headers.cookie, 'another caller').toBeUndefined();
    await ask(router.origin, '/a', { headers: { ...headers, cookie: cookie.slice(0, -1) } });
    expect(backend.last().headers.cookie, 'changed').toBeUndefined();
  });

  it('take them back, and the cookie goes', async () => {
    const headers = bearer(await xsuaa.sign());
    backend.answer(200, { 'set-cookie': 'be=1' });
    const cookie = arbe(await ask(router.origin, '/a', { headers }));
    backend.answer(200, { 'set-cookie': 'be=; Max-Age=0' });
    const gone = await ask(router.origin, '/a', { headers: { ...headers, cookie } });
    const line = gone.headers['set-cookie']?.find((text) => text.startsWith('ARBE='));
    expect(line).toMatch(/^ARBE=; .*Expires=Thu, 01 Jan 1970/);
  });

  it('are kept within the size of a cookie', async () => {
    backend.answer(200, { 'set-cookie': Array.from({ length: 20 }, (_, i) => `c${i}=${'x'.repeat(300)}`) });
    const cookie = arbe(await ask(router.origin, '/a', { headers: bearer(await xsuaa.sign()) }));
    expect(cookie.length).toBeGreaterThan(1_000);
    expect(cookie.length).toBeLessThan(4_096);
  });
});

describe('a session that the caller runs', () => {
  const secrets = ['first secret', 'second secret'] as const;
  let running: Router;
  beforeAll(async () => {
    running = await openRouter({
      xsuaa,
      xsApp: { routes: [{ source: '^/a', destination: 'b' }] },
      env: {
        destinations: [{ name: 'b', url: backend.origin }],
        SVC2AR_EXTERNAL_SESSION_ID_SECRET: secrets[0],
        SVC2AR_EXTERNAL_SESSION_ID_SECRET_ALT: secrets[1],
        SVC2AR_STORE_CSRF_IN_EXTERNAL_SESSION: 'true',
        STORE_SESSION_COOKIES_IN_EXTERNAL_SESSION_STORE: 'true',
      },
    });
  });
  const inSeconds = (seconds: number) => String(Math.floor(Date.now() / 1_000) + seconds);
  const session = (id: string, secret: string = secrets[0], expiry = inSeconds(60)) => ({
    'x-approuter-ext-session-id': id,
    'x-approuter-ext-session-id-sig': createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, ''),
    'x-approuter-ext-session-expiry': expiry,
  });
  const call = async (headers: Record<string, string>, method = 'GET') =>
    ask(running.origin, '/a', { method, headers: { ...bearer(await xsuaa.sign()), ...headers } });

  it.each(secrets)('signed with the %s keeps cookies of backends, and no cookie is set', async (secret) => {
    const id = `quay ${secret}`;
    backend.answer(200, { 'set-cookie': 'be=1' });
    expect((await call(session(id, secret))).headers['set-cookie']).toBeUndefined();
    backend.forget();
    expect((await call(session(id, secret))).status).toBe(200);
    expect(backend.last().headers.cookie).toBe('be=1');
    expect(Object.keys(backend.last().headers).filter((name) => name.startsWith('x-approuter'))).toEqual([]);
    await call(session('another', secret));
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  it('has a CSRF token, which changes need', async () => {
    expect((await call(session('csrf'), 'POST')).status).toBe(403);
    const { headers } = await call({ ...session('csrf'), 'x-csrf-token': 'fetch' });
    const token = String(headers['x-csrf-token']);
    expect((await call({ ...session('csrf'), 'x-csrf-token': token }, 'POST')).status).toBe(200);
    expect((await call({ ...session('other'), 'x-csrf-token': token }, 'POST')).status).toBe(403);
    expect((await call({}, 'POST')).status, 'without a session').toBe(200);
  });

  it.each<[what: string, change: () => Record<string, string>]>([
    ['without a signature', () => ({ 'x-approuter-ext-session-id-sig': '' })],
    ['with a foreign one', () => session('quay', 'third secret')],
    ['with that of another id', () => ({ ...session('pier'), 'x-approuter-ext-session-id': 'quay' })],
    ['that has ended', () => session('quay', secrets[0], inSeconds(-1))],
    ['whose end is no time', () => session('quay', secrets[0], 'soon')],
  ])('%s is refused', async (_, change) => {
    expect((await call({ ...session('quay'), ...change() })).status).toBe(401);
    expect(backend.calls).toHaveLength(0);
  });

  it('cannot be run where no secret is configured', async () => {
    const headers = { ...bearer(await xsuaa.sign()), ...session('quay') };
    expect((await ask(router.origin, '/a', { headers })).status).toBe(401);
  });

  it('is none without a token', async () => {
    const headers = { ...session('quay'), 'x-requested-with': 'XMLHttpRequest' };
    expect((await ask(running.origin, '/a', { headers })).status).toBe(401);
  });
});

describe('a token to be exchanged', () => {
  it('beside the other header is 400', async () => {
    const headers = { ...bearer(await xsuaa.sign()), 'x-approuter-access-token': await xsuaa.sign() };
    expect((await ask(router.origin, '/a', { headers })).status).toBe(400);
  });

  it.each(['eyJ.x.y', '', 'Bearer x'])('%j is refused where there is no IAS', async (token) => {
    const headers = { 'x-approuter-access-token': token };
    expect((await ask(router.origin, '/a', { headers })).status).toBe(401);
  });
});

describe('where nobody can log in', () => {
  it('the header is removed and means nothing', async () => {
    const open = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: backend.origin }] },
    });
    expect((await ask(open.origin, '/', { headers: bearer('x') })).status).toBe(200);
    expect(backend.last().headers['x-approuter-authorization']).toBeUndefined();
  });
});

function hs256(secret: string): string {
  const text = `${base64({ alg: 'HS256', kid: 'key-1', typ: 'JWT' })}.${base64(xsuaa.payload())}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function withHeader(token: string, more: object): string {
  const [, payload, signature] = token.split('.');
  return `${base64({ alg: 'RS256', kid: 'key-1', ...more })}.${payload}.${signature}`;
}
