import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Client, openClient, setCookies } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md section 7, row by row. */

let backend: Backend;
let xsuaa: Xsuaa;
let router: Router;
let user: Client;
let token: string;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      welcomeFile: '/files/a.txt',
      logout: { logoutEndpoint: '/out', logoutMethod: 'POST' },
      routes: [
        { source: '^/guarded', destination: 'b' },
        { source: '^/traced', destination: 'b', httpMethods: ['TRACE'] },
        { source: '^/said', destination: 'b', csrfProtection: true },
        { source: '^/own', destination: 'b', csrfProtection: false },
        { source: '^/public', destination: 'b', authenticationType: 'none' },
        { source: '^/files/(.*)$', target: '$1', localDir: 'web' },
        { source: '^/openfiles/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
        { source: '^/me/', target: '/', service: 'sap-approuter-userapi' },
      ],
    },
    files: { 'web/a.txt': 'a' },
    env: { destinations: [{ name: 'b', url: backend.origin }] },
  });
  user = openClient(router.origin);
  await user.logIn('/guarded');
  token = await user.csrf('/guarded');
});
beforeEach(() => backend.forget());

describe('when it is checked', () => {
  it.each<[method: string, path: string, checked: boolean]>([
    ['GET', '/guarded', false],
    ['HEAD', '/guarded', false],
    ['POST', '/guarded', true],
    ['PUT', '/guarded', true],
    ['PATCH', '/guarded', true],
    ['DELETE', '/guarded', true],
    ['OPTIONS', '/guarded', true],
    ['TRACE', '/traced', true],
    ['MERGE', '/guarded', true],
    ['PROPFIND', '/guarded', true],
    ['POST', '/said', true],
    ['POST', '/own', false],
    ['OPTIONS', '/own', false],
    ['POST', '/public', false],
    ['DELETE', '/public', false],
  ])('%s %s: %s', async (method, path, checked) => {
    const without = await user.ask(path, { method });
    expect(without.status).toBe(checked ? 403 : 200);
    expect(backend.calls).toHaveLength(checked ? 0 : 1);
    if (!checked) return;
    expect(without.headers['x-csrf-token']).toBe('Required');
    expect(without.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
    expect(without.text).toBe('Forbidden');
    expect((await user.ask(path, { method, headers: { 'x-csrf-token': token } })).status).toBe(200);
  });
});

describe('the token', () => {
  it.each(['fetch', 'Fetch', 'FETCH', 'fEtCh'])('is given out to "%s", the same at every fetch', async (value) => {
    const { status, headers } = await user.ask('/guarded', { headers: { 'x-csrf-token': value } });
    expect(status).toBe(200);
    expect(headers['x-csrf-token']).toBe(token);
    expect(backend.last().headers['x-csrf-token']).toBeUndefined();
  });

  it('is given out to HEAD', async () => {
    const { headers } = await user.ask('/guarded', { method: 'HEAD', headers: { 'x-csrf-token': 'fetch' } });
    expect(headers['x-csrf-token']).toBe(token);
  });

  it.each(['/guarded', '/said', '/files/a.txt', '/', '/out', '/me/currentUser', '/public', '/openfiles/a.txt'])(
    'is given out at %s',
    async (path) => {
      const { status, headers } = await user.ask(path, { headers: { 'x-csrf-token': 'fetch' } });
      expect(status).toBeLessThan(405);
      expect(headers['x-csrf-token']).toBe(token);
    },
  );

  it.each<[what: string, value: string]>([
    ['that is wrong', 'x'.repeat(32)],
    ['that is shorter', '-'],
    ['with a letter more', 'TOKENx'],
    ['in another case', 'UPPER'],
    ['that says fetch', 'fetch'],
    ['that says Required', 'Required'],
  ])('%s is refused', async (_, value) => {
    const presented = value === 'TOKENx' ? `${token}x` : value === 'UPPER' ? swapCase(token) : value;
    const { status, headers } = await user.ask('/guarded', { method: 'POST', headers: { 'x-csrf-token': presented } });
    expect(status).toBe(403);
    expect(headers['x-csrf-token']).toBe('Required');
    expect(backend.calls).toHaveLength(0);
  });

  it('in two headers is refused', async () => {
    const reply = await user.ask('/guarded', { method: 'POST', headers: { 'x-csrf-token': [token, token] } });
    expect(reply.status).toBe(403);
  });

  it('in the query, a cookie or the body is no token', async () => {
    const headers = { cookie: `JSESSIONID=${user.cookies.get('JSESSIONID')}; x-csrf-token=${token}` };
    const reply = await user.ask(`/guarded?x-csrf-token=${token}`, { method: 'POST', headers, body: `_csrf=${token}` });
    expect(reply.status).toBe(403);
  });

  it('of another session is refused', async () => {
    const eve = openClient(router.origin);
    await eve.logIn('/guarded');
    expect(await eve.csrf('/guarded')).not.toBe(token);
    expect((await eve.ask('/guarded', { method: 'POST', headers: { 'x-csrf-token': token } })).status).toBe(403);
  });

  it('of a session before the login is refused after it', async () => {
    const late = openClient(router.origin);
    const before = await late.csrf('/public');
    await late.logIn('/guarded');
    expect((await late.ask('/guarded', { method: 'POST', headers: { 'x-csrf-token': before } })).status).toBe(403);
  });

  it('is removed on its way to the backend', async () => {
    await user.ask('/guarded', { method: 'POST', headers: { 'x-csrf-token': token } });
    expect(backend.last().headers['x-csrf-token']).toBeUndefined();
  });

  it('of the backend does not hide the one that was asked for', async () => {
    backend.answer(200, { 'x-csrf-token': 'from-the-backend' });
    expect(await user.csrf('/guarded')).toBe(token);
  });

  it('comes also with an answer of the backend that is an error', async () => {
    backend.answer(404, {});
    expect(await user.csrf('/guarded')).toBe(token);
  });

  it('does not come without a fetch', async () => {
    expect((await user.ask('/guarded')).headers['x-csrf-token']).toBeUndefined();
    expect(
      (await user.ask('/guarded', { headers: { 'x-csrf-token': token } })).headers['x-csrf-token'],
    ).toBeUndefined();
  });

  it('is not given to a POST that says fetch', async () => {
    const reply = await user.ask('/guarded', { method: 'POST', headers: { 'x-csrf-token': 'fetch' } });
    expect(reply.headers['x-csrf-token']).toBe('Required');
  });
});

describe('csrfProtection: false', () => {
  it('passes the header both ways and adds nothing', async () => {
    backend.answer(200, { 'x-csrf-token': 'from-the-backend' });
    const { headers } = await user.ask('/own', { headers: { 'x-csrf-token': 'fetch' } });
    expect(headers['x-csrf-token']).toBe('from-the-backend');
    expect(backend.last().headers['x-csrf-token']).toBe('fetch');
    backend.forget();
    expect((await user.ask('/own', { headers: { 'x-csrf-token': 'fetch' } })).headers['x-csrf-token']).toBeUndefined();
    await user.ask('/own', { method: 'POST', headers: { 'x-csrf-token': 'from-the-backend' } });
    expect(backend.last().headers['x-csrf-token']).toBe('from-the-backend');
  });
});

describe('a public route', () => {
  it('answers a fetch with a token, makes a session for it, and forwards it too', async () => {
    const reply = await ask(router.origin, '/public', { headers: { 'x-csrf-token': 'fetch' } });
    expect(reply.headers['x-csrf-token']).toBeTruthy();
    expect(setCookies(reply).has('JSESSIONID')).toBe(true);
    expect(backend.last().headers['x-csrf-token']).toBe('fetch');
  });

  it("shows the backend's own token where it gives one: nobody else checks it there", async () => {
    backend.answer(200, { 'x-csrf-token': 'from-the-backend' });
    const { rawHeaders } = await ask(router.origin, '/public', { headers: { 'x-csrf-token': 'fetch' } });
    const named = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'x-csrf-token');
    expect(named).toEqual(['from-the-backend']);
  });

  it('gives a stranger the same token again', async () => {
    const stranger = openClient(router.origin);
    expect(await stranger.csrf('/public')).toBe(await stranger.csrf('/public'));
  });
});

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
