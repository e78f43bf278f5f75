import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { ask, type Question } from '../support/ask.ts';
import { openRouter, type Router } from './support/open-router.ts';

/** xs-app.md 3.6: static files. */

const long = 'abcdefghij'.repeat(400);
let router: Router;
beforeAll(async () => {
  const outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
  atEnd(() => rmSync(outside, { recursive: true }));
  for (const name of ['secret.txt', 'index.html']) writeFileSync(path.join(outside, name), 'canary');
  router = await openRouter({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/cached/(.*)$', target: '$1', localDir: 'web', cacheControl: 'public, max-age=60' },
        { source: '^/plain/', localDir: 'web' },
        { source: '^/part/([^?]*)\\?file=(.*)$', target: '$1/$2', localDir: 'web' },
        { source: '^/deep/(.*)$', target: '/plain/$1', localDir: 'web' },
        { source: '^/w/(.*)$', target: '$1', localDir: 'web' },
      ],
    },
    files: {
      'web/index.html': '<p>home',
      'web/a b.txt': 'blank',
      'web/ä.txt': 'umlaut',
      'web/100%.txt': 'percent',
      'web/long.txt': long,
      'web/x.json': '{}',
      'web/x.js': '1',
      'web/x.mjs': 'x',
      'web/x.css': 'p{}',
      'web/x.svg': '<svg/>',
      'web/x.xml': '<a/>',
      'web/x.png': 'png',
      'web/x.bin': 'bin',
      'web/x.unknownext': 'x',
      'web/noextension': 'x',
      'web/empty.txt': '',
      'web/.hidden': 'hidden',
      'web/.folder/x.txt': 'hidden',
      'web/.well-known/x.txt': 'hidden',
      'web/sub/index.html': 'sub index',
      'web/sub/file.txt': 'sub file',
      'web/bare/file.txt': 'no index',
      'web/plain/page.html': 'plain page',
      'web/dots..txt': 'dots',
      'shared/a.txt': 'shared',
    },
    prepare(home) {
      const web = path.join(home, 'web');
      symlinkSync(path.join(home, 'shared'), path.join(web, 'inside'));
      symlinkSync(path.join(home, 'shared/a.txt'), path.join(web, 'inside.txt'));
      symlinkSync(outside, path.join(web, 'outside'));
      symlinkSync(path.join(outside, 'secret.txt'), path.join(web, 'outside.txt'));
      symlinkSync(path.join(outside, 'index.html'), path.join(web, 'bare/index.html'));
      symlinkSync(path.join(web, 'nothing'), path.join(web, 'dangling.txt'));
    },
  });
});

const get = (target: string, question?: Question) => ask(router.origin, target, question);

describe('finding a file', () => {
  it.each<[what: string, target: string, text: string]>([
    ['a rewritten path', '/w/sub/file.txt', 'sub file'],
    ['without target the whole path', '/plain/page.html', 'plain page'],
    ['below a folder of the target', '/deep/page.html', 'plain page'],
    ['an escaped blank', '/w/a%20b.txt', 'blank'],
    ['an escaped umlaut', '/w/%C3%A4.txt', 'umlaut'],
    ['an escaped percent sign', '/w/100%25.txt', 'percent'],
    ['dots inside a name', '/w/dots..txt', 'dots'],
    ['an escaped letter', '/w/%78.json', '{}'],
    ['the query plays no part', '/w/sub/file.txt?v=1/../x', 'sub file'],
    ['a rewriting that uses the query', '/part/sub?file=file.txt', 'sub file'],
    ['the index of a folder', '/w/sub/', 'sub index'],
    ['the index of the root', '/w/', '<p>home'],
    ['the index of a folder with a query', '/w/sub/?a=1', 'sub index'],
    ['a link to a folder inside the working directory', '/w/inside/a.txt', 'shared'],
    ['a link to a file inside the working directory', '/w/inside.txt', 'shared'],
    ['an empty file', '/w/empty.txt', ''],
  ])('%s: %s', async (_, target, text) => {
    const reply = await get(target);
    expect(reply.status).toBe(200);
    expect(reply.text).toBe(text);
  });

  it.each<[what: string, target: string]>([
    ['a missing file', '/w/none.txt'],
    ['a name that begins with a dot', '/w/.hidden'],
    ['a file in such a folder', '/w/.folder/x.txt'],
    ['a well-known folder', '/w/.well-known/x.txt'],
    ['an escaped dot', '/w/%2ehidden'],
    ['a folder without index', '/w/plain/'],
    ['a file as if it were a folder', '/w/x.json/'],
    ['something below a file', '/w/x.json/y'],
    ['a link out to a file', '/w/outside.txt'],
    ['a file in a folder that is a link out', '/w/outside/secret.txt'],
    ['the index of a folder that is a link out', '/w/outside/'],
    ['a folder that is a link out', '/w/outside'],
    ['an index that is a link out', '/w/bare/'],
    ['a link to nothing', '/w/dangling.txt'],
    ['a doubly escaped blank', '/w/a%2520b.txt'],
    ['an absolute path', '/w//etc/passwd'],
    ['bytes that are no UTF-8', '/w/%ff%fe.txt'],
    ['a lone continuation byte', '/w/%80'],
    ['half a character', '/w/%c3'],
    ['a very long name', `/w/${'x'.repeat(5000)}`],
  ])('%s is not there: %s', async (_, target) => {
    const { status, text } = await get(target);
    expect([400, 403, 404]).toContain(status);
    expect(text).not.toContain('canary');
  });

  it('a missing file answers the reason phrase, not cacheable, whatever cacheControl says', async () => {
    const { status, text, headers } = await get('/cached/none.txt');
    expect(status).toBe(404);
    expect(text).toBe('Not Found');
    expect(headers['cache-control']).toContain('no-store');
  });
});

describe('headers of a file', () => {
  it.each<[name: string, type: string | undefined]>([
    ['index.html', 'text/html; charset=utf-8'],
    ['long.txt', 'text/plain; charset=utf-8'],
    ['x.json', 'application/json; charset=utf-8'],
    ['x.css', 'text/css; charset=utf-8'],
    ['x.js', 'application/javascript; charset=utf-8'],
    ['x.mjs', 'application/javascript; charset=utf-8'],
    ['x.svg', 'image/svg+xml'],
    ['x.png', 'image/png'],
  ])('%s is %s', async (name, type) => {
    expect((await get(`/w/${name}`)).headers['content-type']?.toLowerCase()).toBe(type);
  });

  it('has a weak ETag, Last-Modified and Accept-Ranges, and no Cache-Control of its own', async () => {
    const { headers } = await get('/w/x.json');
    expect(headers.etag).toMatch(/^W\/".+"$/);
    expect(Date.parse(headers['last-modified'] ?? '')).toBeGreaterThan(0);
    expect(headers['accept-ranges']).toBe('bytes');
    expect(headers['cache-control']).toBeUndefined();
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
  });

  it.each<[target: string, headers: Record<string, string>, status: number]>([
    ['/cached/x.json', {}, 200],
    ['/cached/x.json', { range: 'bytes=0-0' }, 206],
    ['/cached/sub', {}, 301],
    ['/cached/sub/', {}, 200],
  ])('cacheControl stands on %s %o: %i', async (target, headers, status) => {
    const reply = await get(target, { headers });
    expect(reply.status).toBe(status);
    expect(reply.headers['cache-control']).toBe('public, max-age=60');
  });

  it('cacheControl stands on 405 of that route', async () => {
    const { status, headers, text } = await get('/cached/x.json', { method: 'POST' });
    expect(status).toBe(405);
    expect(headers['cache-control']).toBe('public, max-age=60');
    expect(headers.allow).toBe('GET, HEAD');
    expect(text).toBe('');
  });

  it('HEAD has the headers of GET and no body', async () => {
    const [asked, head] = [await get('/w/x.json'), await get('/w/x.json', { method: 'HEAD' })];
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    for (const name of ['content-type', 'content-length', 'etag', 'last-modified', 'vary'])
      expect(head.headers[name]).toBe(asked.headers[name]);
  });

  it.each<[name: string, vary: boolean]>([
    ['long.txt', true],
    ['x.json', true],
    ['x.svg', true],
    ['x.png', false],
  ])('Vary: Accept-Encoding on %s: %s', async (name, vary) => {
    const { headers } = await get(`/w/${name}`);
    expect(/accept-encoding/i.test(headers.vary ?? '')).toBe(vary);
  });
});

describe('a folder without its slash', () => {
  it.each<[target: string, location: RegExp]>([
    ['/w/sub', /^\/w\/sub\/$/],
    ['/plain/plain', /^$/],
    ['/deep/../x', /^$/],
    ['/w/sub?a=1', /^\/w\/sub\/\?a=1$/],
  ])("%s is redirected to the client's own path", async (target, location) => {
    const { status, headers } = await get(target);
    if (location.source === '^$') return expect(status).not.toBe(301);
    expect(status).toBe(301);
    expect(headers.location).toMatch(location);
  });

  it('is never redirected to another host (T-50)', async () => {
    const open = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/+(.*)$', target: '$1', localDir: 'web' }] },
      files: { 'web/evil.example/x.txt': 'x' },
    });
    for (const target of ['//evil.example', '///evil.example', '/%2Fevil.example', '/\\evil.example']) {
      const { headers } = await ask(open.origin, target);
      expect(new URL(headers.location ?? '/', open.origin).origin).toBe(open.origin);
    }
  });
});

describe('ranges', () => {
  it.each<[range: string, status: number, text: string, contentRange: string | undefined]>([
    ['bytes=0-3', 206, 'abcd', 'bytes 0-3/4000'],
    ['bytes=-2', 206, 'ij', 'bytes 3998-3999/4000'],
    ['bytes=3990-', 206, long.slice(3990), 'bytes 3990-3999/4000'],
    ['bytes=3990-9999', 206, long.slice(3990), 'bytes 3990-3999/4000'],
    ['lines=1-2', 200, long, undefined],
    ['bytes=x', 200, long, undefined],
  ])('%s', async (range, status, text, contentRange) => {
    const reply = await get('/w/long.txt', { headers: { range } });
    expect(reply.status).toBe(status);
    expect(reply.text).toBe(text);
    expect(reply.headers['content-range']).toBe(contentRange);
  });

  it('one that cannot be had is told with the length there is (RFC 9110 15.5.17)', async () => {
    const { status, headers } = await get('/w/long.txt', { headers: { range: 'bytes=4000-' } });
    expect(status).toBe(416);
    expect(headers['content-range']).toBe('bytes */4000');
  });

  it('a part is the part of what is sent: never compressed behind its Content-Range', async () => {
    const { status, headers, text } = await get('/w/long.txt', {
      headers: { range: 'bytes=0-2999', 'accept-encoding': 'gzip' },
    });
    expect(status).toBe(206);
    expect(headers['content-encoding']).toBeUndefined();
    expect(text).toHaveLength(3_000);
  });

  it('If-Range of another version gets the whole', async () => {
    const { status } = await get('/w/long.txt', { headers: { range: 'bytes=0-3', 'if-range': '"other"' } });
    expect(status).toBe(200);
  });
});

describe('conditional requests', () => {
  it('If-None-Match with the ETag: 304 without a body, with ETag and cacheControl', async () => {
    const { headers } = await get('/cached/x.json');
    const reply = await get('/cached/x.json', { headers: { 'if-none-match': headers.etag ?? '' } });
    expect(reply.status).toBe(304);
    expect(reply.text).toBe('');
    expect(reply.headers.etag).toBe(headers.etag);
    expect(reply.headers['cache-control']).toBe('public, max-age=60');
  });

  it.each<[what: string, headers: (etag: string, modified: string) => Record<string, string>, status: number]>([
    ['If-None-Match with another', () => ({ 'if-none-match': '"x"' }), 200],
    ['If-None-Match *', () => ({ 'if-none-match': '*' }), 304],
    ['If-None-Match with a list', (etag) => ({ 'if-none-match': `"x", ${etag}` }), 304],
    ['If-Modified-Since its time', (_, modified) => ({ 'if-modified-since': modified }), 304],
    ['If-Modified-Since long ago', () => ({ 'if-modified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' }), 200],
    ['If-Modified-Since that is no date', () => ({ 'if-modified-since': 'yesterday' }), 200],
    ['If-Match with another', () => ({ 'if-match': '"x"' }), 412],
  ])('%s: %s', async (_, make, status) => {
    const { headers } = await get('/w/x.json');
    const asked = make(headers.etag ?? '', headers['last-modified'] ?? '');
    expect((await get('/w/x.json', { headers: asked })).status).toBe(status);
  });
});

describe('encodings', () => {
  it.each<[accepted: string | undefined, encoding: string | undefined]>([
    [undefined, undefined],
    ['gzip', 'gzip'],
    ['br, gzip;q=0.5', 'gzip'],
    ['*', 'gzip'],
    ['gzip;q=0', undefined],
    ['identity', undefined],
    ['br', undefined],
  ])('Accept-Encoding %s: %s', async (accepted, encoding) => {
    const reply = await get('/w/long.txt', { headers: accepted === undefined ? {} : { 'accept-encoding': accepted } });
    expect(reply.headers['content-encoding']).toBe(encoding);
    expect(encoding === 'gzip' ? gunzipSync(reply.body).toString() : reply.text).toBe(long);
    if (encoding) expect(reply.headers['content-length']).toBeUndefined();
  });
});

describe('the implicit route', () => {
  it('serves the folder resources where no route has a localDir', async () => {
    const implicit = await openRouter({
      xsApp: { authenticationMethod: 'none' },
      files: { 'resources/index.html': 'home', 'resources/a/b.txt': 'b' },
    });
    expect((await ask(implicit.origin, '/')).text).toBe('home');
    expect((await ask(implicit.origin, '/a/b.txt')).text).toBe('b');
    expect((await ask(implicit.origin, '/resources/a/b.txt')).status).toBe(404);
  });

  it('finds nothing where that folder is missing', async () => {
    const implicit = await openRouter({ xsApp: { authenticationMethod: 'none' } });
    expect((await ask(implicit.origin, '/index.html')).status).toBe(404);
  });

  it('is not there where a route has a localDir', async () => {
    expect((await get('/index.html')).status).toBe(404);
  });
});
