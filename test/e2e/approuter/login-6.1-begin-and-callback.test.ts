import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Question } from '../support/ask.ts';
import { type Client, openClient, setCookies } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 6.1 to 6.5: requests without a session, the login, and the life of a session. */

let backend: Backend;
let xsuaa: Xsuaa;
let router: Router;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      routes: [
        { source: '^/a', destination: 'b' },
        { source: '^/public', destination: 'b', authenticationType: 'none' },
      ],
    },
    env: { destinations: [{ name: 'b', url: backend.origin }] },
  });
});
beforeEach(() => backend.forget());

const xhr = { 'x-requested-with': 'XMLHttpRequest' };
const page = { accept: 'text/html' };

describe('a request without a session', () => {
  const isLogin = ({ status }: { status: number }) => [200, 302, 303].includes(status);

  it.each<[what: string, question: Question, login: boolean]>([
    ['a navigation', { headers: { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' } }, true],
    ['an old browser', { headers: page }, true],
    ['something that says nothing', {}, true],
    ['a script (XMLHttpRequest)', { headers: { ...page, ...xhr } }, false],
    ['a script (fetch)', { headers: { accept: '*/*', 'sec-fetch-mode': 'cors' } }, false],
    ['a caller of any text (RFC 9110 12.5.1)', { headers: { accept: 'Text/*' } }, true],
    ['a caller of JSON only', { headers: { accept: 'application/json' } }, false],
    ['a POST', { method: 'POST', headers: page }, false],
    ['a PUT', { method: 'PUT', headers: page }, false],
    ['an OPTIONS', { method: 'OPTIONS', headers: page }, false],
    ['a forged cookie', { headers: { ...xhr, cookie: 'JSESSIONID=s%3Aforged.c2lnbmF0dXJl' } }, false],
    ['an empty cookie', { headers: { ...xhr, cookie: 'JSESSIONID=' } }, false],
    ['a navigation with a forged cookie', { headers: { ...page, cookie: 'JSESSIONID=s%3Aforged.x' } }, true],
  ])('%s', async (_, question, login) => {
    const reply = await ask(router.origin, '/a?x=1', question);
    expect(isLogin(reply)).toBe(login);
    if (!login) expect(reply.status).toBe(401);
    expect(backend.calls).toHaveLength(0);
    expect(reply.headers['cache-control']).toMatch(/no-store/);
  });

  it('401: not cacheable, no redirect, no CSRF header, no session cookie', async () => {
    const { status, headers } = await ask(router.origin, '/a', { headers: { ...xhr, 'x-csrf-token': 'fetch' } });
    expect(status).toBe(401);
    expect(headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
    for (const name of ['location', 'x-csrf-token', 'set-cookie']) expect(headers[name]).toBeUndefined();
  });

  it('an anonymous POST is 401, not 403 for its missing token', async () => {
    expect((await ask(router.origin, '/a', { method: 'POST' })).status).toBe(401);
  });

  it('no session is made by beginning a login', async () => {
    const begun = await ask(router.origin, '/a', { headers: page });
    expect([...setCookies(begun).keys()].filter((name) => name === 'JSESSIONID')).toEqual([]);
  });

  it('two logins begun at once do not disturb each other, and both attempts are HttpOnly', async () => {
    const user = openClient(router.origin);
    const first = await user.ask('/a?tab=1', { headers: page });
    const second = await user.ask('/a?tab=2', { headers: page });
    for (const line of setCookies(second).values()) expect(line).toMatch(/HttpOnly/);
    for (const [begun, landed] of [
      [second, '/a?tab=2'],
      [first, '/a?tab=1'],
    ] as const) {
      const back = (await fetch(begun.headers.location ?? '', { redirect: 'manual' })).headers.get('location');
      const { pathname, search } = new URL(back ?? '');
      expect((await user.ask(pathname + search)).headers.location).toBe(landed);
    }
  });
});

describe('the callback', () => {
  let user: Client;
  let state: string;
  let code: string;
  beforeEach(async () => {
    user = openClient(router.origin);
    const begun = await user.ask('/a?x=1&y=%20', { headers: page });
    const back = (await fetch(begun.headers.location ?? '', { redirect: 'manual' })).headers.get('location');
    const query = new URL(back ?? '').searchParams;
    state = encodeURIComponent(query.get('state') ?? '');
    code = query.get('code') ?? '';
  });

  const session = () => user.cookies.get('JSESSIONID');

  it('in order: lands on path with query, under a new session; nothing cacheable; the attempt is gone', async () => {
    const reply = await user.ask(`/login/callback?code=${code}&state=${state}`);
    expect([302, 303]).toContain(reply.status);
    expect(reply.headers.location).toBe('/a?x=1&y=%20');
    expect(reply.headers['cache-control']).toMatch(/no-store/);
    expect([...user.cookies.keys()]).toEqual(['JSESSIONID']);
    expect((await user.ask('/a', { headers: xhr })).status).toBe(200);
  });

  it.each<[what: string, query: () => string, statuses: number[]]>([
    ['no parameters', () => '', [400, 401]],
    ['no code', () => `?state=${state}`, [400, 401, 403]],
    ['no state', () => `?code=${code}`, [400, 401, 403]],
    ['an empty state', () => `?code=${code}&state=`, [400, 401, 403]],
    ['an unknown code', () => `?code=unknown&state=${state}`, [400, 401, 403]],
    ['an unknown state', () => `?code=${code}&state=unknown`, [400, 401, 403]],
    ['a state of the right form', () => `?code=${code}&state=aaaaaaaa.${'b'.repeat(43)}`, [400, 401, 403]],
    ['a state changed in its last letter', () => `?code=${code}&state=${state.slice(0, -2)}xx`, [400, 401, 403]],
    ['state twice', () => `?code=${code}&state=${state}&state=${state}`, [400, 401, 403]],
    ['code twice', () => `?code=${code}&code=${code}&state=${state}`, [400, 401, 403]],
    ['state as an array', () => `?code=${code}&state[]=${state}`, [400, 401, 403]],
    ['an error of the provider', () => `?error=access_denied&error_description=no&state=${state}`, [400, 401, 403]],
    ['an error without state', () => '?error=access_denied', [400, 401, 403]],
    ['an error with markup', () => `?error=%3Cscript%3Ealert(1)%3C/script%3E&state=${state}`, [400, 401, 403]],
  ])('%s: refused, and there is no session (T-31)', async (_, query, statuses) => {
    const reply = await user.ask(`/login/callback${query()}`, { headers: page });
    expect(statuses).toContain(reply.status);
    expect(reply.text).not.toContain('<script>alert');
    expect(session()).toBeUndefined();
  });

  it('works once (T-30)', async () => {
    await user.ask(`/login/callback?code=${code}&state=${state}`);
    expect([400, 401, 403]).toContain((await user.ask(`/login/callback?code=${code}&state=${state}`)).status);
  });

  it("another browser's callback makes no session (login CSRF, T-30)", async () => {
    const victim = openClient(router.origin);
    await victim.ask('/a', { headers: page });
    expect((await victim.ask(`/login/callback?code=${code}&state=${state}`)).status).toBe(400);
    expect(victim.cookies.has('JSESSIONID')).toBe(false);
  });

  it("an attacker's code with the victim's own attempt makes no session (T-30)", async () => {
    const victim = openClient(router.origin);
    const begun = await victim.ask('/a', { headers: page });
    const own = new URL(begun.headers.location ?? '').searchParams.get('state') ?? '';
    const reply = await victim.ask(`/login/callback?code=${code}&state=${encodeURIComponent(own)}`);
    expect([400, 401, 403]).toContain(reply.status);
    expect(victim.cookies.has('JSESSIONID')).toBe(false);
  });

  it.each(['POST', 'PUT', 'DELETE'])('%s is 405', async (method) => {
    expect((await user.ask(`/login/callback?code=${code}&state=${state}`, { method })).status).toBe(405);
  });

  it('a token of another audience makes no session', async () => {
    xsuaa.claims = { aud: ['somebody-else'], cid: 'sb-somebody-else' };
    const reply = await user.ask(`/login/callback?code=${code}&state=${state}`);
    xsuaa.claims = {};
    expect(reply.status).toBe(401);
    expect(session()).toBeUndefined();
  });

  it('a token that has ended makes no session', async () => {
    xsuaa.claims = { exp: Math.floor(Date.now() / 1000) - 3_600 };
    const reply = await user.ask(`/login/callback?code=${code}&state=${state}`);
    xsuaa.claims = {};
    expect([401, 502]).toContain(reply.status);
    expect(session()).toBeUndefined();
  });
});

describe('where a login lands', () => {
  it.each<[asked: string, landed: RegExp]>([
    ['/a', /^\/a$/],
    ['/a?x=1&y=a%20b%2F#', /^\/a/],
    ['/a//evil.example', /^\/a\/\/evil\.example$/],
    ['/a/%0d%0aset-cookie:x', /^\/a\/%0d%0aset-cookie:x$/],
    [`/a?${'q'.repeat(6_000)}`, /^\/a$/],
  ])('begun at %s', async (asked, landed) => {
    const target = asked.replace('#', '');
    expect(await openClient(router.origin).logIn(target)).toMatch(landed);
  });

  it('is never another host, whatever the attempt began with (T-50)', async () => {
    const open = await openRouter({
      xsuaa,
      xsApp: { routes: [{ source: '.*', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: backend.origin }] },
    });
    for (const target of [
      '//evil.example',
      '///evil.example/',
      '/\\evil.example',
      '/%5cevil.example',
      '/%09/evil.example',
      '/;@evil.example',
    ]) {
      const landed = await openClient(open.origin).logIn(target);
      expect(new URL(landed, open.origin).origin).toBe(open.origin);
    }
  });

  it.each([
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '%2F%2Fevil.example',
  ])('nor is it by /-/login?return_to=%s (T-50)', async (wanted) => {
    const landed = await openClient(router.origin).logIn(`/-/login?return_to=${encodeURIComponent(wanted)}`);
    expect(new URL(landed, router.origin).origin).toBe(router.origin);
  });
});

describe('a session', () => {
  it('has another id after the login than before (T-32)', async () => {
    const user = openClient(router.origin);
    await user.csrf('/public');
    const before = user.cookies.get('JSESSIONID');
    await user.logIn('/a');
    expect(user.cookies.get('JSESSIONID')).not.toBe(before);
    const old = { ...xhr, cookie: `JSESSIONID=${before}` };
    expect((await ask(router.origin, '/a', { headers: old })).status).toBe(401);
  });

  it('is not made by a request to a public route', async () => {
    expect((await ask(router.origin, '/public')).headers['set-cookie']).toBeUndefined();
  });

  it('a changed signature is nobody', async () => {
    const user = openClient(router.origin);
    await user.logIn('/a');
    const cookie = user.cookies.get('JSESSIONID') ?? '';
    for (const changed of [cookie.slice(0, -3), `${cookie}x`, cookie.replace(/[.]/, '.x'), cookie.toUpperCase()]) {
      const headers = { ...xhr, cookie: `JSESSIONID=${changed}` };
      expect((await ask(router.origin, '/a', { headers })).status).toBe(401);
    }
  });

  it('of another router with another secret is nobody', async () => {
    const user = openClient(router.origin);
    await user.logIn('/a');
    const other = await openRouter({
      xsuaa,
      xsApp: { routes: [{ source: '^/a', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: backend.origin }] },
    });
    const headers = { ...xhr, cookie: `JSESSIONID=${user.cookies.get('JSESSIONID')}` };
    expect((await ask(other.origin, '/a', { headers })).status).toBe(401);
  });

  it('a refused renewal keeps it while the token lives, then the user is anonymous', async () => {
    xsuaa.lifetime = 5;
    const user = openClient(router.origin);
    await user.logIn('/a');
    xsuaa.refreshWorks = false;
    await new Promise((later) => setTimeout(later, 2_600));
    expect((await user.ask('/a', { headers: xhr })).status).toBe(200);
    await new Promise((later) => setTimeout(later, 2_700));
    expect((await user.ask('/a', { headers: xhr })).status).toBe(401);
    xsuaa.refreshWorks = true;
    xsuaa.lifetime = 3_600;
  });

  it('no answer ever shows a token', async () => {
    const user = openClient(router.origin);
    const landed = await user.logIn('/a');
    const reply = await user.ask(landed);
    expect(JSON.stringify([...user.cookies, reply.headers, reply.text])).not.toMatch(/eyJ|refresh-/);
  });
});
