import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Client, openClient, setCookies } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { clientId, openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 6.7: every kind of logout, and what the backends hear of it. */

let backend: Backend;
let other: Backend;
let xsuaa: Xsuaa;
beforeAll(async () => {
  [backend, other, xsuaa] = await Promise.all([openBackend(), openBackend(), openXsuaa()]);
});
beforeEach(() => {
  backend.forget();
  other.forget();
});

const xhr = { 'x-requested-with': 'XMLHttpRequest' };

const open = (logout: object, more: object = {}, env: object = {}): Promise<Router> =>
  openRouter({
    xsuaa,
    xsApp: {
      logout: { logoutEndpoint: '/out', ...logout },
      routes: [
        { source: '^/a', destination: 'b', csrfProtection: false },
        { source: '^/f', destination: 'f', csrfProtection: false },
        { source: '^/bye', destination: 'b', authenticationType: 'none' },
      ],
      ...more,
    },
    env: {
      destinations: [
        { name: 'b', url: `${backend.origin}/base/`, timeout: 300 },
        { name: 'f', url: other.origin, forwardAuthToken: true },
        { name: 'down', url: 'http://127.0.0.1:9' },
      ],
      ...env,
    },
  });

async function loggedIn(router: Router): Promise<Client> {
  const user = openClient(router.origin);
  await user.logIn('/a');
  return user;
}

async function isOut(router: Router, cookie: string | undefined): Promise<boolean> {
  const { status } = await ask(router.origin, '/a', { headers: { ...xhr, cookie: `JSESSIONID=${cookie}` } });
  return status === 401;
}

describe('by GET', () => {
  it('ends the session, deletes the cookie, and goes on to the provider', async () => {
    const router = await open({});
    const user = await loggedIn(router);
    const cookie = user.cookies.get('JSESSIONID');
    const reply = await user.ask('/out');
    expect([302, 303]).toContain(reply.status);
    expect(reply.headers.location).toBe(`${xsuaa.origin}/logout.do`);
    expect(setCookies(reply).get('JSESSIONID')).toMatch(/Expires=Thu, 01 Jan 1970/);
    expect(setCookies(reply).get('JSESSIONID')).toMatch(/Path=\//);
    expect(reply.headers['cache-control']).toMatch(/no-store/);
    expect(await isOut(router, cookie)).toBe(true);
  });

  it.each<[page: string, call: string, returnTo: (origin: string) => string]>([
    ['/bye', '/out', (origin) => `${origin}/bye`],
    ['/bye', '/out?port=9', (origin) => `${origin}/bye?port=9`],
    ['/bye?x=1', '/out?port=9&y=a%20b', (origin) => `${origin}/bye?x=1&port=9&y=a+b`],
    ['https://elsewhere.example/bye', '/out', () => 'https://elsewhere.example/bye'],
    ['https://elsewhere.example/bye', '/out?port=9', () => 'https://elsewhere.example/bye?port=9'],
    ['/bye', '/out?redirect=https://evil.example', (origin) => `${origin}/bye?redirect=https%3A%2F%2Fevil.example`],
    ['/bye', '/out?x=//evil.example&client_id=evil', (origin) => `${origin}/bye?x=%2F%2Fevil.example&client_id=evil`],
  ])('logoutPage %s and %s', async (logoutPage, call, returnTo) => {
    const router = await open({ logoutPage });
    const { headers } = await (await loggedIn(router)).ask(call);
    const location = new URL(headers.location ?? '');
    expect(location.origin + location.pathname).toBe(`${xsuaa.origin}/logout.do`);
    expect(location.searchParams.getAll('client_id')).toEqual([clientId]);
    const redirect = location.searchParams.get('redirect') ?? '';
    expect(redirect.replaceAll('%20', '+')).toBe(returnTo(router.origin));
  });

  it.each<[call: string, redirects: boolean]>([
    ['/out?skip-redirect', false],
    ['/out?skip-redirect=true', false],
    ['/out?a=1&skip-redirect=true', false],
    ['/out?skip-redirect=false', true],
    ['/out?skip-redirects', true],
    ['/out?x=skip-redirect', true],
  ])('%s redirects: %s; the session is ended either way', async (call, redirects) => {
    const router = await open({});
    const user = await loggedIn(router);
    const cookie = user.cookies.get('JSESSIONID');
    const { status, headers } = await user.ask(call);
    expect(status >= 300 && status < 400).toBe(redirects);
    expect(headers.location !== undefined).toBe(redirects);
    expect(await isOut(router, cookie)).toBe(true);
  });

  it('without a session: deletes the cookie and goes on to the provider', async () => {
    const router = await open({});
    const reply = await ask(router.origin, '/out');
    expect(reply.headers.location).toBe(`${xsuaa.origin}/logout.do`);
    expect(setCookies(reply).has('JSESSIONID')).toBe(true);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s on the endpoint: 405, and nobody is logged out', async (method) => {
    const router = await open({});
    const user = await loggedIn(router);
    const { status, headers } = await user.ask('/out', { method });
    expect(status).toBe(405);
    expect(headers.allow).toContain('GET');
    expect((await user.ask('/a', { headers: xhr })).status).toBe(200);
  });
});

describe('by POST', () => {
  it('needs the token that GET on the same path gives out', async () => {
    const router = await open({ logoutMethod: 'POST', logoutPage: '/bye' });
    const user = await loggedIn(router);
    const without = await user.ask('/out', { method: 'POST' });
    expect(without.status).toBe(403);
    expect(without.headers['x-csrf-token']).toBe('Required');
    const wrong = await user.ask('/out', { method: 'POST', headers: { 'x-csrf-token': 'wrong' } });
    expect(wrong.status).toBe(403);
    expect((await user.ask('/a', { headers: xhr })).status).toBe(200);

    const fetched = await user.ask('/out', { headers: { 'x-csrf-token': 'Fetch' } });
    expect(fetched.status).toBe(200);
    expect(fetched.text).toBe('');
    const token = String(fetched.headers['x-csrf-token']);
    expect(await user.csrf('/out')).toBe(token);

    const cookie = user.cookies.get('JSESSIONID');
    const out = await user.ask('/out?port=9', { method: 'POST', headers: { 'x-csrf-token': token } });
    expect(out.status).toBe(200);
    expect(out.headers['content-type']).toMatch(/^text\/html/);
    const url = new URL(out.text);
    expect(url.origin + url.pathname).toBe(`${xsuaa.origin}/logout.do`);
    expect(url.searchParams.get('redirect')).toBe(`${router.origin}/bye?port=9`);
    expect(await isOut(router, cookie)).toBe(true);
  });

  it('csrfProtection false: no token is needed', async () => {
    const router = await open({ logoutMethod: 'POST', csrfProtection: false });
    const user = await loggedIn(router);
    const cookie = user.cookies.get('JSESSIONID');
    expect((await user.ask('/out', { method: 'POST' })).status).toBe(200);
    expect(await isOut(router, cookie)).toBe(true);
  });

  it('skip-redirect: nowhere to go on to', async () => {
    const router = await open({ logoutMethod: 'POST', csrfProtection: false });
    const user = await loggedIn(router);
    const cookie = user.cookies.get('JSESSIONID');
    const { status, text } = await user.ask('/out?skip-redirect', { method: 'POST' });
    expect([status, text]).toEqual([200, '']);
    expect(await isOut(router, cookie)).toBe(true);
  });

  it.each(['GET', 'PUT', 'DELETE'])('a plain %s: 405 with Allow: POST, and nobody is logged out', async (method) => {
    const router = await open({ logoutMethod: 'POST' });
    const user = await loggedIn(router);
    const { status, headers } = await user.ask('/out', { method });
    expect(status).toBe(405);
    expect(headers.allow).toContain('POST');
    expect((await user.ask('/a', { headers: xhr })).status).toBe(200);
  });

  it('the body cannot carry markup of the query', async () => {
    const router = await open({ logoutMethod: 'POST', csrfProtection: false, logoutPage: '/bye' });
    const { text } = await (await loggedIn(router)).ask('/out?%3Cscript%3E=%3Cimg%3E', { method: 'POST' });
    expect(text).not.toMatch(/[<>]/);
  });
});

describe('the backends', () => {
  const calls = { b: { logoutPath: '/session/end' }, f: { logoutPath: 'end?x=1', logoutMethod: 'PUT' } };

  it('get one request each, by method and path, with their own cookies and the token that they are shown', async () => {
    const router = await open({}, { destinations: calls });
    const user = await loggedIn(router);
    backend.answer(200, { 'set-cookie': ['be=1; Path=/', 'deep=1; Path=/base/elsewhere'] });
    await user.ask('/a');
    other.answer(200, { 'set-cookie': 'fe=2' });
    await user.ask('/f');
    backend.forget();
    other.forget();
    await user.ask('/out?port=9', { headers: { 'x-own': '1' } });

    expect(backend.calls.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /base/session/end']);
    expect(backend.last().headers['content-length']).toBe('0');
    expect(backend.last().headers.cookie).toBe('be=1');
    expect(backend.last().headers.authorization).toBeUndefined();
    expect(backend.last().headers['x-forwarded-path']).toBe('/out');
    expect(backend.last().headers['tenantid']).toBe('pier-zone');
    expect(other.calls.map(({ method, url }) => `${method} ${url}`)).toEqual(['PUT /end?x=1']);
    expect(other.last().headers.cookie).toBe('fe=2');
    expect(other.last().headers.authorization).toMatch(/^Bearer eyJ/);
    expect(JSON.stringify([backend.calls, other.calls])).not.toContain('JSESSIONID');
  });

  it('get the headers and cookies of the request, as with any, but what is about its body or about us', async () => {
    const router = await open({ logoutMethod: 'POST', csrfProtection: false }, { destinations: calls });
    const user = await loggedIn(router);
    user.cookies.set('lasting', '1');
    user.cookies.set('locationAfterLogin', '%2Fa');
    const headers = {
      'accept-language': 'de',
      'x-own': '1',
      authorization: 'Basic eDp5',
      'content-type': 'text/plain',
      'x-csrf-token': 'x',
      'if-none-match': '"e"',
      'x-correlation-id': 'mine',
    };
    await user.ask('/out', { method: 'POST', headers, body: 'gone' });
    const { headers: seen, body } = backend.last();
    expect(seen).toMatchObject({
      'accept-language': 'de',
      'x-own': '1',
      'x-correlation-id': 'mine',
      cookie: 'lasting=1',
    });
    for (const name of ['authorization', 'content-type', 'x-csrf-token', 'if-none-match'])
      expect(seen[name]).toBeUndefined();
    expect(seen['content-length']).toBe('0');
    expect(body).toBe('');
    expect(other.last().headers.authorization).toMatch(/^Bearer eyJ/);
  });

  it('GET is called by GET', async () => {
    const router = await open({}, { destinations: { b: { logoutPath: '/end', logoutMethod: 'GET' } } });
    await (await loggedIn(router)).ask('/out');
    expect(backend.calls.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /base/end']);
  });

  it.each<[what: string, answer: (silent: Backend) => void]>([
    ['is slower than its timeout', (silent) => silent.answerWith(() => {})],
    ['answers 500', (silent) => silent.answer(500, {})],
    ['breaks off', (silent) => silent.answerWith((_, response) => void response.destroy())],
  ])('one that %s does not stop the logout', async (_, answer) => {
    const router = await open({}, { destinations: { b: { logoutPath: '/end' }, down: { logoutPath: '/end' } } });
    const user = await loggedIn(router);
    const cookie = user.cookies.get('JSESSIONID');
    answer(backend);
    expect((await user.ask('/out')).status).toBe(302);
    expect(await isOut(router, cookie)).toBe(true);
  });

  it('without logoutPath is not called, nor is any without a session', async () => {
    const router = await open({}, { destinations: { b: {}, f: { logoutPath: '/end' } } });
    await ask(router.origin, '/out');
    expect([...backend.calls, ...other.calls]).toEqual([]);
  });

  it('are called at the time-out as well, outside any request (6.4)', async () => {
    const router = await open({}, { destinations: calls, sessionTimeout: 0.005 });
    const user = await loggedIn(router);
    other.answer(200, { 'set-cookie': 'fe=2' });
    await user.ask('/f');
    other.forget();
    backend.forget();
    for (let i = 0; i < 40 && other.calls.length === 0; i++) await sleep(100);
    expect(other.calls.map(({ method, url }) => `${method} ${url}`)).toEqual(['PUT /end?x=1']);
    expect(other.last().headers.cookie).toBe('fe=2');
    expect(other.last().headers.authorization).toMatch(/^Bearer eyJ/);
    expect(backend.calls).toHaveLength(1);
    expect((await user.ask('/a', { headers: xhr })).status).toBe(401);
  });
});

describe('where nobody logs in', () => {
  it('the endpoint leads to the logout page', async () => {
    const router = await openRouter({
      xsApp: { authenticationMethod: 'none', logout: { logoutEndpoint: '/out', logoutPage: '/bye' } },
    });
    const { status, headers } = await ask(router.origin, '/out?port=9');
    expect(status).toBe(302);
    expect(headers.location).toMatch(/\/bye\?port=9$/);
  });
});
