import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 8.5 allowlist, 8.6 plugins, 8.7 error pages. */

let backend: Backend;
let xsuaa: Xsuaa;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
});
beforeEach(() => backend.forget());

describe('8.5 the allowlist service', () => {
  let router: Router;
  beforeAll(async () => {
    router = await openRouter({
      xsuaa,
      xsApp: { whitelistService: { endpoint: '/framing' } },
      env: {
        CJ_PROTECT_WHITELIST: [
          { host: 'portal.example' },
          { host: '*.shop.example', protocol: 'https' },
          { host: 'port.example', port: 8080 },
          { host: 'text.example', port: '8443', protocol: 'https' },
        ],
      },
    });
  });

  it.each<[origin: string, framing: boolean]>([
    ['https://portal.example', true],
    ['http://portal.example:9999', true],
    ['https://portal.example.evil.tld', false],
    ['https://a.portal.example', false],
    ['https://a.shop.example', true],
    ['https://a.b.shop.example:8', true],
    ['http://a.shop.example', false],
    ['https://shop.example', false],
    ['https://evilshop.example', false],
    ['http://port.example:8080', true],
    ['http://port.example', false],
    ['https://text.example:8443', true],
    ['http://text.example:8443', false],
    ['', false],
    ['null', false],
    ['garbage', false],
  ])('%s: %s', async (origin, framing) => {
    const { status, headers, text } = await ask(router.origin, `/framing?parentOrigin=${encodeURIComponent(origin)}`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(text)).toEqual({ version: '1.0', active: true, origin, framing });
  });

  it('without parentOrigin: text null, no framing', async () => {
    expect(JSON.parse((await ask(router.origin, '/framing')).text)).toEqual({
      version: '1.0',
      active: true,
      origin: 'null',
      framing: false,
    });
  });

  it('a broken parameter is no crash', async () => {
    expect((await ask(router.origin, '/framing?parentOrigin=%zz%E4')).status).toBeLessThan(500);
  });

  it('is not active without CJ_PROTECT_WHITELIST, and active with an empty one', async () => {
    const off = await openRouter({ xsApp: { authenticationMethod: 'none', whitelistService: { endpoint: '/f' } } });
    expect(JSON.parse((await ask(off.origin, '/f?parentOrigin=https://a.example')).text)).toMatchObject({
      active: false,
      framing: false,
    });
    const empty = await openRouter({
      xsApp: { authenticationMethod: 'none', whitelistService: { endpoint: '/f' } },
      env: { CJ_PROTECT_WHITELIST: [] },
    });
    expect(JSON.parse((await ask(empty.origin, '/f')).text)).toMatchObject({ active: true, framing: false });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not accepted', async (method) => {
    expect((await ask(router.origin, '/framing', { method })).status).toBe(405);
  });
});

describe('8.6 plugins', () => {
  let router: Router;
  beforeAll(async () => {
    router = await openRouter({
      xsuaa,
      xsApp: { pluginMetadataEndpoint: '/plugins', routes: [{ source: '^/a', destination: 'b' }] },
      env: {
        destinations: [{ name: 'b', url: backend.origin }],
        plugins: [
          { name: 'crane', source: '/crane', destination: 'b' },
          { name: 'open', source: '^/open/(.*)$', target: '/o/$1', destination: 'b', authenticationType: 'none' },
          { name: 'scoped', source: '^/scoped', destination: 'b', scope: '$XSAPPNAME.Master' },
          { name: 'reader', source: '^/reader', destination: 'b', httpMethods: ['GET'], authenticationType: 'none' },
          { name: 'lax', source: { path: '^/LAX', matchCase: false }, destination: 'b', csrfProtection: false },
        ],
      },
    });
  });
  const xhr = { 'x-requested-with': 'XMLHttpRequest' };

  it('are routes: login, CSRF, scopes, target', async () => {
    expect((await ask(router.origin, '/crane', { headers: xhr })).status).toBe(401);
    expect((await ask(router.origin, '/open/x?y=1')).status).toBe(200);
    expect(backend.last().url).toBe('/o/x?y=1');
    expect((await ask(router.origin, '/reader')).status).toBe(200);
    expect((await ask(router.origin, '/reader', { method: 'POST' })).status).toBe(405);
    const user = openClient(router.origin);
    await user.logIn('/a');
    expect((await user.ask('/crane')).status).toBe(200);
    expect((await user.ask('/crane', { method: 'POST' })).status).toBe(403);
    expect((await user.ask('/lax', { method: 'POST' })).status).toBe(200);
    expect((await user.ask('/scoped')).status).toBe(403);
  });

  it('are listed with the properties they were given', async () => {
    const user = openClient(router.origin);
    await user.logIn('/a');
    const { status, headers, text } = await user.ask('/plugins?x=1');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const list = JSON.parse(text);
    expect(list).toHaveLength(5);
    expect(list[0]).toEqual({ name: 'crane', source: '\\/crane', destination: 'b' });
    expect(list[1]).toEqual({
      name: 'open',
      source: '^\\/open\\/(.*)$',
      target: '/o/$1',
      destination: 'b',
      authenticationType: 'none',
    });
    expect(list[2].scope).toBe('$XSAPPNAME.Master');
    expect(Object.keys(list[1])).toEqual(['name', 'source', 'target', 'destination', 'authenticationType']);
  });

  it('nobody: an empty list', async () => {
    const none = await openRouter({ xsApp: { authenticationMethod: 'none', pluginMetadataEndpoint: '/plugins' } });
    expect((await ask(none.origin, '/plugins')).text).toBe('[]');
  });
});

describe('8.7 error pages', () => {
  let router: Router;
  beforeAll(async () => {
    router = await openRouter({
      xsuaa,
      xsApp: {
        errorPage: [
          { status: 404, file: 'pages/404.html' },
          { status: [502, 504], file: 'pages/down.txt' },
          { status: 403, file: 'pages/403.json' },
          { status: 400, path: '/open/bad' },
          { status: 404, file: 'pages/second.html' },
          { status: [405, 401], file: 'pages/404.html' },
        ],
        routes: [
          { source: '^/open', destination: 'b', authenticationType: 'none' },
          { source: '^/down', destination: 'down', authenticationType: 'none' },
          { source: '^/slow', destination: 'slow', authenticationType: 'none' },
          { source: '^/scoped', destination: 'b', scope: '$XSAPPNAME.Master' },
          { source: '^/a', destination: 'b' },
          { source: '^/files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
          { source: '^/dyn/(\\w+)', destination: '$1', authenticationType: 'none' },
        ],
      },
      files: {
        'pages/404.html': '<p>Lost at sea</p>',
        'pages/second.html': 'never',
        'pages/down.txt': 'Ebb',
        'pages/403.json': '{"no":true}',
        'web/a.txt': 'a',
      },
      env: {
        destinations: [
          { name: 'b', url: backend.origin },
          { name: 'down', url: 'http://127.0.0.1:9' },
          { name: 'slow', url: backend.origin, timeout: 100 },
        ],
      },
    });
  });
  const page = { accept: 'text/html' };

  it.each<[what: string, target: string, status: number, type: string, text: string]>([
    ['an unknown path', '/nowhere', 404, 'text/html', '<p>Lost at sea</p>'],
    ['a missing file', '/files/none.txt', 404, 'text/html', '<p>Lost at sea</p>'],
    ['a hidden file', '/files/.x', 404, 'text/html', '<p>Lost at sea</p>'],
    ['an unknown destination', '/dyn/nobody', 404, 'text/html', '<p>Lost at sea</p>'],
    ['a backend that is down', '/down', 502, 'text/plain', 'Ebb'],
  ])('%s', async (_, target, status, type, text) => {
    for (const headers of [page, {}, { accept: '*/*' }]) {
      const reply = await ask(router.origin, target, { headers });
      expect(reply.status).toBe(status);
      expect(reply.text).toBe(text);
      expect(reply.headers['content-type']?.split(';')[0]).toBe(type);
      expect(reply.headers['cache-control']).toBe('public, max-age=0');
      expect(reply.headers.etag).toBeTruthy();
    }
  });

  it('a backend that is too slow', async () => {
    backend.answerWith(() => {});
    const { status, text } = await ask(router.origin, '/slow');
    expect(status).toBe(504);
    expect(text).toBe('Ebb');
  });

  it('HEAD has the headers and no body', async () => {
    const { status, text, headers } = await ask(router.origin, '/nowhere', { method: 'HEAD' });
    expect(status).toBe(404);
    expect(text).toBe('');
    expect(headers['content-type']).toMatch(/^text\/html/);
  });

  it('a user without the scope', async () => {
    const user = openClient(router.origin);
    await user.logIn('/a');
    const reply = await user.ask('/scoped', { headers: page });
    expect(reply.status).toBe(403);
    expect(reply.text).toBe('{"no":true}');
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
  });

  it('a path is answered by a redirect', async () => {
    const { status, headers } = await ask(router.origin, '/open/../x');
    expect(status).toBeGreaterThanOrEqual(302);
    expect(status).toBeLessThanOrEqual(303);
    expect(headers.location).toBe('/open/bad');
  });

  it.each([404, 502, 403, 400])("a backend's own %i stays", async (status) => {
    backend.answer(status, {}, 'own words');
    const reply = await ask(router.origin, '/open');
    expect(reply.status).toBe(status);
    expect(reply.text).toBe('own words');
  });

  it('405 of a static route stays empty', async () => {
    const { status, text } = await ask(router.origin, '/files/a.txt', { method: 'POST' });
    expect(status).toBe(405);
    expect(text).toBe('');
  });

  it('without pages: the reason phrase, no Content-Type, not cacheable', async () => {
    const plain = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/down', destination: 'down' }] },
      env: { destinations: [{ name: 'down', url: 'http://127.0.0.1:9' }] },
    });
    for (const [target, status, text] of [
      ['/nowhere', 404, 'Not Found'],
      ['/down', 502, 'Bad Gateway'],
      ['/%zz', 400, 'Bad Request'],
    ] as const) {
      const reply = await ask(plain.origin, target);
      expect(reply.status).toBe(status);
      expect(reply.text).toBe(text);
      expect(reply.headers['content-type']).toBeUndefined();
      expect(reply.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
    }
  });

  it('an error page shows nothing of the request', async () => {
    const plain = await openRouter({ xsApp: { authenticationMethod: 'none' } });
    const { text } = await ask(plain.origin, '/<script>alert(1)</script>?<img>', { headers: page });
    expect(text).not.toMatch(/<script>alert|<img/);
  });
});
