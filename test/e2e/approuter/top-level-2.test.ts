import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask } from '../support/ask.ts';
import { openClient, setCookies } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';
import { say } from './support/say.ts';

/** xs-app.md section 2: top-level properties that have no section of their own. */

let backend: Backend;
let xsuaa: Xsuaa;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
});
beforeEach(() => backend.forget());
afterEach(() => void vi.useRealTimers());

const open = (xsApp: object, env: object = {}, login = false): Promise<Router> =>
  openRouter({
    xsApp: login ? xsApp : { authenticationMethod: 'none', ...xsApp },
    files: { 'web/home.html': 'home', 'resources/index.html': 'resources' },
    env: { destinations: [{ name: 'b', url: backend.origin }], ...env },
    ...(login ? { xsuaa } : {}),
  });

const web = { source: '^/web/(.*)$', target: '$1', localDir: 'web' };

describe('welcomeFile', () => {
  it.each<[what: string, target: string, method: string]>([
    ['GET /', '/', 'GET'],
    ['GET / with a query', '/?a=1', 'GET'],
    ['HEAD /', '/', 'HEAD'],
  ])('%s is redirected to it, with an empty body', async (_, target, method) => {
    const router = await open({ welcomeFile: '/web/home.html', routes: [web] });
    const { status, headers, text } = await ask(router.origin, target, { method });
    expect(status).toBe(302);
    expect(headers.location).toBe('/web/home.html');
    expect(text).toBe('');
  });

  it('may hold a query', async () => {
    const router = await open({ welcomeFile: '/web/home.html?lang=en', routes: [web] });
    expect((await ask(router.origin, '/')).headers.location).toBe('/web/home.html?lang=en');
  });

  it('without a leading slash is below /', async () => {
    const router = await open({ welcomeFile: 'web/home.html', routes: [web] });
    expect((await ask(router.origin, '/')).headers.location).toBe('/web/home.html');
  });

  it.each(['fetch', 'Fetch', 'FETCH'])('a token asked for by "%s" comes with the file itself', async (value) => {
    const router = await open({ welcomeFile: '/web/home.html', routes: [web] });
    const { status, headers, text } = await ask(router.origin, '/', { headers: { 'x-csrf-token': value } });
    expect(status).toBe(200);
    expect(text).toBe('home');
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['x-csrf-token']).toBeTruthy();
  });

  it('may hold a fragment, which is for the browser alone', async () => {
    const router = await open({ welcomeFile: '/web/home.html#Shell-home', routes: [web] });
    expect((await ask(router.origin, '/')).headers.location).toBe('/web/home.html#Shell-home');
    expect((await ask(router.origin, '/', { headers: { 'x-csrf-token': 'fetch' } })).text).toBe('home');
  });

  it('a token asked for comes with what a backend serves there', async () => {
    const router = await open({ welcomeFile: '/start?x=1', routes: [{ source: '^/start', destination: 'b' }] });
    const { status, headers } = await ask(router.origin, '/', { headers: { 'x-csrf-token': 'fetch' } });
    expect(status).toBe(200);
    expect(headers['x-csrf-token']).toBeTruthy();
    expect(backend.last().url).toBe('/start?x=1');
  });

  it('of a protected route: the redirect needs no login, the file does', async () => {
    const router = await open({ welcomeFile: '/start', routes: [{ source: '^/start', destination: 'b' }] }, {}, true);
    expect((await ask(router.origin, '/')).headers.location).toBe('/start');
    const headers = { 'x-csrf-token': 'fetch', 'x-requested-with': 'XMLHttpRequest' };
    expect((await ask(router.origin, '/', { headers })).status).toBe(401);
    expect(backend.calls).toHaveLength(0);
  });

  it('other methods on / are for the routes', async () => {
    const router = await open({ welcomeFile: '/web/home.html', routes: [{ source: '^/$', destination: 'b' }, web] });
    expect((await ask(router.origin, '/', { method: 'POST' })).status).toBe(200);
    expect(backend.last().url).toBe('/');
  });

  it('other paths are not redirected', async () => {
    const router = await open({ welcomeFile: '/web/home.html', routes: [web] });
    for (const target of ['//', '/x', '/web/home.html'])
      expect((await ask(router.origin, target)).status).not.toBe(302);
  });

  it('an upgrade of / is an upgrade, not a navigation', async () => {
    const router = await open({ welcomeFile: '/web/home.html', routes: [web] });
    const answer = await say(
      router.port,
      `GET / HTTP/1.1\r\nHost: localhost:${router.port}\r\nOrigin: http://localhost:${router.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403/);
  });

  it('empty: as if it were not set', async () => {
    const router = await open({ welcomeFile: '', routes: [] });
    expect((await ask(router.origin, '/')).text).toBe('resources');
  });

  it('not set: / is an ordinary path', async () => {
    const routed = await open({ routes: [{ source: '^/$', destination: 'b' }] });
    expect((await ask(routed.origin, '/')).status).toBe(200);
    expect(backend.last().url).toBe('/');
    const implicit = await open({});
    expect((await ask(implicit.origin, '/')).text).toBe('resources');
  });
});

describe('authenticationMethod', () => {
  it('none: every route is public, whatever it says, no login anywhere, no token forwarded', async () => {
    const router = await open(
      {
        authenticationMethod: 'none',
        routes: [
          { source: '^/a', destination: 'b', authenticationType: 'xsuaa', scope: '$XSAPPNAME.Master' },
          { source: '^/c', destination: 'b', csrfProtection: true },
        ],
      },
      {},
      true,
    );
    expect((await ask(router.origin, '/a')).status).toBe(200);
    expect((await ask(router.origin, '/c', { method: 'POST' })).status).toBe(200);
    expect(backend.last().headers.authorization).toBeUndefined();
  });

  it('none: there are no doors of a login, and a token in a header is nobody', async () => {
    const router = await open({ authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] }, {}, true);
    for (const path of ['/login/callback', '/-/login']) {
      expect((await ask(router.origin, path)).status).toBe(200);
      expect(backend.last().url).toBe(path);
    }
    expect((await ask(router.origin, '/', { headers: { 'x-approuter-authorization': 'Bearer x' } })).status).toBe(200);
  });

  it.each(['route', undefined])('%s: the route decides', async (method) => {
    const xsApp = {
      routes: [
        { source: '^/a', destination: 'b' },
        { source: '^/o', destination: 'b', authenticationType: 'none' },
      ],
    };
    const router = await open(method === undefined ? xsApp : { ...xsApp, authenticationMethod: method }, {}, true);
    const headers = { 'x-requested-with': 'XMLHttpRequest' };
    expect((await ask(router.origin, '/a', { headers })).status).toBe(401);
    expect((await ask(router.origin, '/o', { headers })).status).toBe(200);
  });
});

describe('sessionTimeout', () => {
  const routes = [{ source: '^/a', destination: 'b' }];
  const headers = { 'x-requested-with': 'XMLHttpRequest' };

  it('is minutes of inactivity; use prolongs it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const router = await open({ sessionTimeout: 5, routes }, {}, true);
    const user = openClient(router.origin);
    await user.logIn('/a');
    for (let i = 0; i < 4; i++) {
      vi.advanceTimersByTime(4.9 * 60_000);
      expect((await user.ask('/a', { headers })).status).toBe(200);
    }
    vi.advanceTimersByTime(5.1 * 60_000);
    expect((await user.ask('/a', { headers })).status).toBe(401);
  });

  it('is overridden by SESSION_TIMEOUT', async () => {
    const router = await open({ sessionTimeout: 0.001, routes }, { SESSION_TIMEOUT: '5' }, true);
    const user = openClient(router.origin);
    await user.logIn('/a');
    await sleep(150);
    expect((await user.ask('/a', { headers })).status).toBe(200);
  });
});

describe('login.callbackEndpoint', () => {
  it('moves the callback, the redirect URI and the cookie of the attempt; the old path is for the routes', async () => {
    const router = await open(
      {
        login: { callbackEndpoint: '/own/back' },
        routes: [
          { source: '^/login/callback', destination: 'b', authenticationType: 'none' },
          { source: '^/a', destination: 'b' },
        ],
      },
      {},
      true,
    );
    const begun = await ask(router.origin, '/a', { headers: { accept: 'text/html' } });
    const redirectUri = new URL(begun.headers.location ?? '').searchParams.get('redirect_uri');
    expect(redirectUri).toBe(`http://127.0.0.1:${router.port}/own/back`);
    expect([...setCookies(begun).values()].some((line) => line.includes('Path=/own/back'))).toBe(true);
    expect(await openClient(router.origin).logIn('/a?x=1')).toBe('/a?x=1');
    expect((await ask(router.origin, '/login/callback?x=1')).status).toBe(200);
  });
});

describe('stateProtection', () => {
  it('false: state and PKCE stay on', async () => {
    const router = await open({ stateProtection: false, routes: [{ source: '^/a', destination: 'b' }] }, {}, true);
    const begun = await ask(router.origin, '/a', { headers: { accept: 'text/html' } });
    const query = new URL(begun.headers.location ?? '').searchParams;
    expect(query.get('state')).toBeTruthy();
    expect(query.get('code_challenge')).toBeTruthy();
    expect((await ask(router.origin, '/login/callback?code=x')).status).toBe(400);
  });
});

describe('no routes at all', () => {
  it('leaves the folder resources', async () => {
    const router = await open({ routes: [] });
    expect((await ask(router.origin, '/index.html')).text).toBe('resources');
  });
});

describe('outgoingRequestOptions', () => {
  it('limits the calls of the login server, in milliseconds', async () => {
    const slow = await openBackend();
    slow.answerWith(() => {}); // never answers
    const binding = structuredClone(xsuaa.binding) as { xsuaa: { credentials: { url: string } }[] };
    for (const { credentials } of binding.xsuaa) credentials.url = slow.origin;
    const router = await open(
      { outgoingRequestOptions: { xsuaa: { timeout: 300 } }, routes: [{ source: '^/a', destination: 'b' }] },
      { VCAP_SERVICES: binding },
      true,
    );
    const user = openClient(router.origin);
    const begun = await user.ask('/a', { headers: { accept: 'text/html' } });
    const state = new URL(begun.headers.location ?? '').searchParams.get('state') ?? '';
    const asked = user.ask(`/login/callback?code=c&state=${encodeURIComponent(state)}`).then(({ status }) => status);
    expect(await Promise.race([asked, sleep(2_500, 'still waiting')])).toBe(502);
  });
});
