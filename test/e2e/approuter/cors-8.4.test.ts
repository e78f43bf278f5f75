import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Question } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 8.4. */

let backend: Backend;
let router: Router;
const entry = { uriPattern: '^/api', allowedOrigin: [{ host: 'shop.example', protocol: 'https' }] };
const cors = [
  {
    ...entry,
    uriPattern: '^/api/full',
    allowedMethods: ['GET', 'PUT'],
    allowedHeaders: ['X-A', 'X-B'],
    exposeHeaders: ['X-C', 'X-D'],
    maxAge: 60,
  },
  { ...entry, uriPattern: '^/api/anonymous', allowedCredentials: false, maxAge: -1 },
  { ...entry, uriPattern: '^/api/text', maxAge: '90' },
  { ...entry, uriPattern: '^/api/host', hostPattern: '^harbour\\.example(:\\d+)?$' },
  { uriPattern: '^/api/wild', allowedOrigin: [{ host: '*.shop.example' }] },
  {
    uriPattern: '^/api/port',
    allowedOrigin: [
      { host: 'shop.example', port: 8443 },
      { host: 'shop.example', port: '8080', protocol: 'http' },
    ],
  },
  { uriPattern: '^/api/any', allowedOrigin: [{ host: 'shop.example' }] },
  entry,
];

beforeAll(async () => {
  const xsuaa = await openXsuaa();
  backend = await openBackend();
  router = await openRouter({
    xsuaa,
    xsApp: {
      cors,
      routes: [
        { source: '^/api/guarded', destination: 'b' },
        { source: '^/files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
        { source: '^/(?!nowhere)', destination: 'b', authenticationType: 'none' },
      ],
    },
    files: { 'web/a.txt': 'a' },
    env: {
      destinations: [{ name: 'b', url: backend.origin }],
      CORS: [{ uriPattern: '.*', allowedOrigin: [{ host: 'by-variable.example' }] }],
    },
  });
});
beforeEach(() => backend.forget());

const shop = 'https://shop.example';
const send = (target: string, origin: string | undefined, question: Question = {}) =>
  ask(router.origin, target, {
    ...question,
    headers: { ...(origin === undefined ? {} : { origin }), ...question.headers },
  });
const preflight = (target: string, origin: string, method: string, headers: Record<string, string> = {}) =>
  send(target, origin, { method: 'OPTIONS', headers: { 'access-control-request-method': method, ...headers } });
const corsHeaders = (headers: object) => Object.keys(headers).filter((name) => name.startsWith('access-control-'));
const words = (value: unknown) =>
  String(value ?? '')
    .split(/, */)
    .sort();

describe('ordinary treatment, without any CORS header', () => {
  it.each<[what: string, target: string, origin: string | undefined, host?: string]>([
    ['no Origin', '/api/x', undefined],
    ['another path', '/other', shop],
    ['another host', '/apihost-is-elsewhere', undefined],
    ['the own origin', '/api/x', 'http://harbour.example', 'harbour.example'],
    ['a rule of the variable, which xs-app.json hides', '/other', 'https://by-variable.example'],
  ])('%s', async (_, target, origin, host) => {
    const { status, headers } = await send(target, origin, host ? { headers: { host } } : {});
    expect(status).toBe(200);
    expect(corsHeaders(headers)).toEqual([]);
    expect(backend.calls).toHaveLength(1);
  });

  it('OPTIONS without Access-Control-Request-Method is no preflight', async () => {
    expect((await send('/api/x', shop, { method: 'OPTIONS' })).status).toBe(200);
    expect(backend.last().method).toBe('OPTIONS');
  });
});

describe('an origin', () => {
  it.each<[target: string, origin: string, allowed: boolean]>([
    ['/api/x', shop, true],
    ['/api/x', 'https://shop.example:8443', true],
    ['/api/x', 'http://shop.example', false],
    ['/api/x', 'https://shop.example.evil.tld', false],
    ['/api/x', 'https://evil-shop.example', false],
    ['/api/x', 'https://a.shop.example', false],
    ['/api/x', 'https://shop.example@evil.tld', false],
    ['/api/x', 'null', false],
    ['/api/x', 'garbage', false],
    ['/api/x', 'https://', false],
    ['/api/x', '*', false],
    ['/api/x', 'https://SHOP.example', false],
    ['/api/wild', 'http://a.shop.example:1', true],
    ['/api/wild', 'https://a.b.shop.example', true],
    ['/api/wild', shop, false],
    ['/api/wild', 'https://ashop.example', false],
    ['/api/port', 'https://shop.example:8443', true],
    ['/api/port', 'ftp://shop.example:8443', true],
    ['/api/port', 'http://shop.example:8080', true],
    ['/api/port', 'https://shop.example:8080', false],
    ['/api/port', shop, false],
    ['/api/any', 'ionic://shop.example', true],
  ])('at %s from %s: %s', async (target, origin, allowed) => {
    const { status, headers, text } = await send(target, origin);
    expect(status).toBe(allowed ? 200 : 403);
    expect(backend.calls).toHaveLength(allowed ? 1 : 0);
    expect(headers['access-control-allow-origin']).toBe(allowed ? origin : undefined);
    if (allowed) return;
    expect(text).toBe('Forbidden');
    expect(corsHeaders(headers)).toEqual([]);
  });
});

describe('an actual request', () => {
  it('gets origin, credentials and exposed headers, and Vary: Origin', async () => {
    const { headers } = await send('/api/full', shop, { method: 'PUT' });
    expect(headers['access-control-allow-origin']).toBe(shop);
    expect(headers['access-control-allow-credentials']).toBe('true');
    expect(words(headers['access-control-expose-headers'])).toEqual(['X-C', 'X-D']);
    expect(headers['access-control-max-age']).toBeUndefined();
    expect(headers['vary']).toMatch(/origin/i);
    expect(backend.last().headers.origin).toBe(shop);
  });

  it('keeps Vary: Origin beside the Vary of the backend and the one of compression', async () => {
    backend.answer(200, { 'content-type': 'text/plain', vary: 'Accept-Language' }, 'x'.repeat(3_000));
    const { headers } = await send('/api/x', shop, { headers: { 'accept-encoding': 'gzip' } });
    expect(words(headers.vary?.toLowerCase())).toEqual(['accept-encoding', 'accept-language', 'origin']);
  });

  it.each<[method: string, target: string, status: number]>([
    ['GET', '/api/x', 200],
    ['POST', '/api/x', 200],
    ['HEAD', '/api/x', 200],
    ['OPTIONS', '/api/x', 200],
    ['PUT', '/api/x', 403],
    ['DELETE', '/api/x', 403],
    ['PUT', '/api/full', 200],
    ['POST', '/api/full', 403],
    ['HEAD', '/api/full', 403],
  ])('%s %s: %i', async (method, target, status) => {
    expect((await send(target, shop, { method })).status).toBe(status);
  });

  it('without credentials where the rule says so', async () => {
    const { headers } = await send('/api/anonymous', shop);
    expect(headers['access-control-allow-origin']).toBe(shop);
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it.each([
    ['/api/guarded', 401],
    ['/api/%zz', 400],
  ])('that is refused for another reason: %s', async (target, status) => {
    const headers = { 'x-requested-with': 'XMLHttpRequest' };
    expect((await send(target, shop, { headers })).status).toBe(status);
  });
});

describe('a preflight', () => {
  it('is answered by the router alone, before the login', async () => {
    const { status, headers, text } = await preflight('/api/guarded', shop, 'POST');
    expect(status).toBe(200);
    expect(text).toBe('');
    expect(headers['access-control-allow-origin']).toBe(shop);
    expect(headers['access-control-allow-credentials']).toBe('true');
    expect(headers['access-control-max-age']).toBe('1800');
    expect(words(headers['access-control-allow-methods'])).toContain('POST');
    expect(words(headers['access-control-allow-headers'])).toEqual(
      words(
        'Origin, Accept, X-Requested-With, Content-Type, Access-Control-Request-Method, Access-Control-Request-Headers',
      ),
    );
    expect(headers['vary']).toMatch(/origin/i);
    expect(headers['set-cookie']).toBeUndefined();
    expect(backend.calls).toHaveLength(0);
  });

  it('with everything configured', async () => {
    const { headers } = await preflight('/api/full', shop, 'PUT', { 'access-control-request-headers': 'x-a' });
    expect(headers['access-control-allow-headers']).toBe('X-A, X-B');
    expect(words(headers['access-control-allow-methods'])).toContain('PUT');
    expect(headers['access-control-max-age']).toBe('60');
  });

  it.each<[target: string, maxAge: string | undefined]>([
    ['/api/anonymous', undefined],
    ['/api/text', '90'],
  ])('max-age at %s: %s', async (target, maxAge) => {
    expect((await preflight(target, shop, 'GET')).headers['access-control-max-age']).toBe(maxAge);
  });

  it.each<[what: string, target: string, origin: string, method: string]>([
    ['an origin that is not allowed', '/api/x', 'https://evil.example', 'GET'],
    ['a method that is not allowed', '/api/x', shop, 'DELETE'],
    ['a method in another case', '/api/x', shop, 'get'],
    ['no method', '/api/x', shop, ''],
  ])('of %s: 403 without CORS headers', async (_, target, origin, method) => {
    const { status, headers, text } = await preflight(target, origin, method);
    expect(status).toBe(403);
    expect(text).toBe('Forbidden');
    expect(corsHeaders(headers)).toEqual([]);
    expect(backend.calls).toHaveLength(0);
  });

  it('of a path that no route knows is answered all the same', async () => {
    expect((await preflight('/api/nowhere', shop, 'GET')).status).toBe(200);
  });
});

describe('a backend with CORS headers of its own', () => {
  it.each<[header: string, theirs: string, origin: string | undefined, answered: string | undefined]>([
    ['access-control-allow-origin', '*', shop, shop],
    ['access-control-allow-origin', 'https://evil.example', shop, shop],
    ['access-control-allow-origin', '*', undefined, '*'],
    ['access-control-allow-credentials', 'true', undefined, 'true'],
  ])('%s: %s, asked from %s: %s, for half of each would be neither', async (header, theirs, origin, answered) => {
    backend.answer(200, { [header]: theirs });
    const { headers } = await ask(router.origin, '/api/x', { headers: origin === undefined ? {} : { origin } });
    expect(headers[header]).toBe(answered);
  });

  it('cannot allow credentials where the rule does not', async () => {
    const strict = await openRouter({
      xsApp: {
        authenticationMethod: 'none',
        cors: [{ ...entry, allowedCredentials: false }],
        routes: [{ source: '^/', destination: 'b' }],
      },
      env: { destinations: [{ name: 'b', url: backend.origin }] },
    });
    backend.answer(200, { 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'x-tide' });
    const { headers } = await ask(strict.origin, '/api/x', { headers: { origin: shop } });
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });
});

describe('hostPattern', () => {
  it.each<[host: string, origin: string | undefined]>([
    ['harbour.example', shop],
    ['harbour.example:8080', shop],
  ])('%s fits', async (host, origin) => {
    const { headers } = await send('/api/host', shop, { headers: { host } });
    expect(headers['access-control-allow-origin']).toBe(origin);
  });

  it('another host falls to the next rule; x-custom-host is ignored', async () => {
    const one = { ...entry, uriPattern: '^/h', hostPattern: '^harbour\\.example$' };
    const open = await openRouter({
      xsApp: { authenticationMethod: 'none', cors: [one], routes: [{ source: '^/', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: backend.origin }] },
    });
    const headers = { host: 'other.example', 'x-custom-host': 'harbour.example', origin: shop };
    const reply = await ask(open.origin, '/h', { headers });
    expect(reply.status).toBe(200);
    expect(corsHeaders(reply.headers)).toEqual([]);
  });
});

describe('the variable CORS', () => {
  it('counts where xs-app.json has none', async () => {
    const open = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: backend.origin }], CORS: [entry] },
    });
    const { headers } = await ask(open.origin, '/api', { headers: { origin: shop } });
    expect(headers['access-control-allow-origin']).toBe(shop);
  });
});
