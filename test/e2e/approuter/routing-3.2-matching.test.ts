import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 3.2 and 3.3: which route takes a request, and what is answered when none does. */

let a: Backend;
let b: Backend;
beforeAll(async () => {
  [a, b] = await Promise.all([openBackend(), openBackend()]);
});
beforeEach(() => {
  a.forget();
  b.forget();
});

/** Where a request ended: the backend's letter and what it saw, or the status. */
async function way(router: Router, target: string, method = 'GET'): Promise<string> {
  const { status } = await ask(router.origin, target, { method });
  const [one, other] = [a.calls[0], b.calls[0]];
  return one ? `a ${one.url}` : other ? `b ${other.url}` : String(status);
}

const open = (xsApp: object, env: object = {}) =>
  openRouter({
    xsApp: { authenticationMethod: 'none', ...xsApp },
    files: { 'resources/index.html': 'resources', 'web/a.html': 'a' },
    env: {
      destinations: [
        { name: 'a', url: a.origin },
        { name: 'b', url: b.origin },
      ],
      ...env,
    },
  });

describe('matching, without any login', () => {
  let router: Router;
  beforeAll(async () => {
    router = await open({
      routes: [
        { source: 'quay', destination: 'a' },
        { source: '^/locks\\?gate=(\\d+)$', target: '/gates/$1', destination: 'b' },
        { source: '^/end$', destination: 'a' },
        { source: { path: '^/tides/' }, destination: 'a' },
        { source: { path: '^/tides/', matchCase: false }, destination: 'b' },
        { source: { path: '^/exact/', matchCase: true }, destination: 'a' },
        { source: '^/enc%2Foded', destination: 'a' },
        { source: '^/plain/oded', destination: 'b' },
        { source: '^/space here', destination: 'b' },
        { source: '^/par\\(am\\);v=1', destination: 'a' },
        { source: '^/(?:one|two)/\\d{2}$', destination: 'a' },
        { source: '\\.(?:png|svg)(?:\\?|$)', destination: 'b' },
        { source: '^//double', destination: 'a' },
      ],
    });
  });

  it.each<[what: string, target: string, way: string]>([
    ['a pattern is found in the middle of the path', '/x/quay/1', 'a /x/quay/1'],
    ['a pattern is found in the query', '/x?to=quay', 'a /x?to=quay'],
    ['a pattern sees path and query together', '/locks?gate=7', 'b /gates/7'],
    ['a query that does not fit does not match', '/locks?gate=x', '404'],
    ['$ means the end of the query', '/end?x=1', '404'],
    ['$ means the end of the path where there is no query', '/end', 'a /end'],
    ['the first that matches wins', '/tides/x', 'a /tides/x'],
    ['matchCase false takes any case', '/TIDES/x', 'b /TIDES/x'],
    ['matchCase true is the default', '/EXACT/x', '404'],
    ['nothing is decoded before matching', '/enc%2Foded', 'a /enc%2Foded'],
    ['an escape is matched as it came, in its own case', '/enc%2foded', '404'],
    ['an escaped slash is no slash', '/plain%2Foded', '404'],
    ['an escaped blank is no blank', '/space%20here', '404'],
    ['parentheses and path parameters stay', '/par(am);v=1', 'a /par(am);v=1'],
    ['an alternation with a quantifier', '/two/22', 'a /two/22'],
    ['a suffix pattern with a query behind', '/img/x.svg?v=2', 'b /img/x.svg?v=2'],
    ['double slashes are not collapsed', '//double/x', 'a //double/x'],
    ['the implicit resources route is the last', '/index.html', '200'],
  ])('%s: %s', async (_, target, expected) => {
    expect(await way(router, target)).toBe(expected);
  });

  it('x-forwarded-path plays no part', async () => {
    const { status } = await ask(router.origin, '/none', { headers: { 'x-forwarded-path': '/quay' } });
    expect(status).toBe(404);
    expect(a.calls).toHaveLength(0);
  });

  it.each<[what: string, target: string]>([
    ['dot segments', '/quay/../x'],
    ['a single dot segment', '/quay/./x'],
    ['dot segments at the end', '/quay/..'],
    ['encoded dot segments', '/quay/%2e%2e/x'],
    ['half-encoded dot segments', '/quay/.%2E/x'],
    ['doubly encoded dot segments', '/quay/%252e%252e/x'],
    ['trebly encoded dot segments', '/quay/%25252e%25252e/x'],
    ['an encoded slash behind dots', '/quay/..%2fx'],
    ['an encoded backslash behind dots', '/quay/..%5cx'],
    ['dots before a path parameter', '/quay/..;a=1/x'],
    ['overlong dots', '/quay/%c0%ae%c0%ae/x'],
    ['fullwidth dots', '/quay/%ef%bc%8e%ef%bc%8e/x'],
    ['a two dot leader', '/quay/%e2%80%a5/x'],
    ['a % without digits', '/quay/%'],
    ['a % with one digit', '/quay/%4'],
    ['a % with letters that are no hex', '/quay/%zz'],
    ['NUL', '/quay/%00'],
    ['an absolute-form target', 'http://a.example/quay'],
  ])('%s is refused before anything else: %s', async (_, target) => {
    const { status, text } = await ask(router.origin, target, { method: 'POST' });
    expect(status).toBe(400);
    expect(text).toBe('Bad Request');
    expect(a.calls).toHaveLength(0);
  });

  it.each([
    ['/quay/?', ['/quay/', '/quay/?']],
    ['/quay/a..b', ['/quay/a..b']],
    ['/quay/...', ['/quay/...']],
    ['/quay/.hidden', ['/quay/.hidden']],
    ['/quay/%25', ['/quay/%25']],
    ['/quay/%C3%A4%20%27', ['/quay/%C3%A4%20%27']],
    ['/quay?back=../x', ['/quay?back=../x']],
    ['/quay?q=a%20b+c&&=', ['/quay?q=a%20b+c&&=']],
    ["/quay/$metadata('x')?$a=1", ["/quay/$metadata('x')?$a=1"]],
  ])('%s is no attack and travels as it came', async (target, seen) => {
    expect((await ask(router.origin, target)).status).toBe(200);
    expect(seen).toContain(a.last().url);
  });
});

describe('methods', () => {
  let router: Router;
  beforeAll(async () => {
    router = await open({
      routes: [
        { source: '^/split', httpMethods: ['GET', 'HEAD'], destination: 'a' },
        { source: '^/split', httpMethods: ['POST'], destination: 'b' },
        { source: '^/rest', httpMethods: ['GET'], destination: 'a' },
        { source: '^/rest', destination: 'b' },
        { source: '^/traced', destination: 'a' },
        { source: '^/traced', httpMethods: ['TRACE'], destination: 'b' },
        { source: '^/two', httpMethods: ['PUT', 'GET'], destination: 'a' },
        { source: '^/tw', httpMethods: ['DELETE'], destination: 'b' },
        { source: '^/web/(.*)', target: '$1', localDir: 'web', cacheControl: 'max-age=60' },
      ],
    });
  });

  it.each<[method: string, target: string, way: string]>([
    ['GET', '/split', 'a /split'],
    ['POST', '/split', 'b /split'],
    ['GET', '/rest', 'a /rest'],
    ['HEAD', '/rest', 'b /rest'],
    ['MERGE', '/rest', 'b /rest'],
    ['TRACE', '/traced', 'b /traced'],
    ['PROPFIND', '/rest', 'b /rest'],
    ['DELETE', '/two', 'b /two'],
    ['DELETE', '/rest', 'b /rest'],
  ])('%s %s goes to the first route that takes it', async (method, target, expected) => {
    expect(await way(router, target, method)).toBe(expected);
  });

  it.each<[method: string, target: string, allow: string]>([
    ['DELETE', '/split', 'GET,HEAD,POST'],
    ['PATCH', '/two', 'DELETE,GET,HEAD,PUT'],
    ['MERGE', '/two', 'DELETE,GET,HEAD,PUT'],
    ['POST', '/web/a.html', 'GET,HEAD'],
    ['OPTIONS', '/web/a.html', 'GET,HEAD'],
    ['TRACE', '/rest', 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'],
  ])(
    '%s %s where no static route is left: 405 with the union of methods, HEAD beside GET',
    async (method, target, allow) => {
      const { status, headers, text } = await ask(router.origin, target, { method });
      expect(status).toBe(405);
      expect((headers.allow ?? '').split(/, */).sort().join()).toBe(allow);
      expect(text).toBe('');
      expect([...a.calls, ...b.calls]).toEqual([]);
    },
  );

  it('nothing matched at all: 404, and no method helps', async () => {
    for (const method of ['GET', 'POST', 'DELETE'])
      expect((await ask(router.origin, '/nowhere', { method })).status).toBe(404);
  });

  it('with the implicit static route the union holds its methods too', async () => {
    const implicit = await open({ routes: [{ source: '^/m', httpMethods: ['POST', 'PUT'], destination: 'a' }] });
    const { status, headers, text } = await ask(implicit.origin, '/m', { method: 'DELETE' });
    expect(status).toBe(405);
    expect((headers.allow ?? '').split(/, */).sort()).toEqual(['GET', 'HEAD', 'POST', 'PUT']);
    expect(text).toBe('');
  });

  it('headers and fields that ask for another method ask nobody (T-08)', async () => {
    const headers = { 'x-http-method-override': 'POST', 'x-method-override': 'POST', 'x-http-method': 'POST' };
    await ask(router.origin, '/split?_method=POST', { headers });
    expect(a.last().method).toBe('GET');
    expect(b.calls).toHaveLength(0);
  });
});

describe('routes, plugins and the implicit route', () => {
  it('come in this order', async () => {
    const router = await open(
      { routes: [{ source: '^/both', destination: 'a' }] },
      {
        plugins: [
          { name: 'one', source: '^/both', destination: 'b' },
          { name: 'two', source: '^/index', destination: 'b' },
        ],
      },
    );
    expect(await way(router, '/both')).toBe('a /both');
    a.forget();
    expect(await way(router, '/index.html')).toBe('b /index.html');
  });
});

describe('where login is on', () => {
  let router: Router;
  beforeAll(async () => {
    const xsuaa = await openXsuaa();
    router = await openRouter({
      xsuaa,
      xsApp: {
        routes: [
          { source: '/tides', destination: 'a', authenticationType: 'none' },
          { source: '\\?open$', destination: 'a', authenticationType: 'none' },
          { source: '^/berth\\?id=\\d+$', destination: 'a', authenticationType: 'none' },
          { source: '^/vault', destination: 'b' },
          { source: '^/posts', httpMethods: ['POST'], destination: 'b' },
          { source: '^/web/', localDir: 'web' },
        ],
      },
      files: { 'web/web/a.html': 'a' },
      env: {
        destinations: [
          { name: 'a', url: a.origin },
          { name: 'b', url: b.origin },
        ],
      },
    });
  });

  const xhr = { 'x-requested-with': 'XMLHttpRequest' };

  it.each<[what: string, target: string, method: string, status: number]>([
    ['a public route is public', '/tides/1?x=1', 'GET', 200],
    ['a public pattern in the query opens no protected path (T-01)', '/vault?x=/tides', 'GET', 401],
    ['nor one that wants the end of the query', '/vault?open', 'GET', 401],
    ['nor one that needs the query to match', '/berth?id=7', 'GET', 404],
    ['a public pattern in the path of a protected route matches, as recorded', '/vault/tides', 'GET', 200],
    ['an unknown path is 404 without a login', '/nowhere', 'GET', 404],
    ['an unknown path is 404 for any method', '/nowhere', 'POST', 404],
    ['a method that no route takes is 405 without a login', '/posts', 'GET', 405],
    ['a known path needs the login, whatever the method', '/posts', 'POST', 401],
    ['a static route needs the login', '/web/a.html', 'GET', 401],
    ['a missing file of a static route needs the login', '/web/none.html', 'GET', 401],
    ['dot segments are refused before the login', '/vault/../tides', 'GET', 400],
  ])('%s: %s', async (_, target, method, status) => {
    expect((await ask(router.origin, target, { method, headers: xhr })).status).toBe(status);
    expect(b.calls).toHaveLength(0);
  });

  it('the implicit route asks for the login', async () => {
    const xsuaa = await openXsuaa();
    const implicit = await openRouter({ xsuaa, xsApp: {}, files: { 'resources/a.html': 'a' } });
    expect((await ask(implicit.origin, '/a.html', { headers: xhr })).status).toBe(401);
  });
});

describe('own endpoints come before any route, by path without query (3.2 step 0)', () => {
  let router: Router;
  beforeAll(async () => {
    const xsuaa = await openXsuaa();
    router = await openRouter({
      xsuaa,
      xsApp: {
        login: { callbackEndpoint: '/in/back' },
        logout: { logoutEndpoint: '/out', backChannelLogoutEndpoint: '/out/back' },
        whitelistService: { endpoint: '/framing' },
        pluginMetadataEndpoint: '/plugins',
        routes: [{ source: '.*', destination: 'a', authenticationType: 'none' }],
      },
      env: { destinations: [{ name: 'a', url: a.origin }] },
    });
  });

  it.each<[method: string, target: string, status: number]>([
    ['GET', '/in/back?code=1&state=2', 400],
    ['GET', '/out?x=1', 302],
    ['POST', '/out/back?x=1', 400],
    ['GET', '/framing?parentOrigin=x', 200],
    ['GET', '/plugins?x=1', 401],
    ['POST', '/framing', 405],
    ['DELETE', '/plugins', 405],
    ['PUT', '/out', 405],
    ['GET', '/out/back', 405],
  ])('%s %s', async (method, target, status) => {
    expect((await ask(router.origin, target, { method })).status).toBe(status);
    expect(a.calls).toHaveLength(0);
  });

  it.each(['/login/callback', '/in/back/', '/out/x', '/OUT', '/framin%67'])('%s is none of them', async (target) => {
    expect((await ask(router.origin, target)).status).toBe(200);
    expect(a.last().url).toBe(target);
  });
});
