import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeHouse } from '../../support/make-house.ts';
import { type OpenHouse, openHouse } from '../../support/open-house.ts';
import { workingDirectory } from '../../support/working-directory.ts';

let door: OpenHouse;
const secret = 'CANARY-OUTSIDE';

beforeAll(async () => {
  const { house, directory } = await makeHouse({
    env: { HARBOUR: 'A & "B"', EMPTY: '', destinations: [] },
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/web/(.*)$', target: '/$1', localDir: 'web', cacheControl: 'public, max-age=60' },
        { source: '^/full/', localDir: 'web' },
        {
          source: '^/pages/(.*)$',
          target: '$1',
          localDir: 'pages',
          replace: { pathSuffixes: ['.html', '/a.txt'], vars: ['HARBOUR'] },
        },
        { source: '^/find\\?name=(.*)$', target: '/$1', localDir: 'web' },
        { source: '^/.*docs$', target: '/folder', localDir: 'web' },
        { source: '^/home/(.*)$', target: '$1', localDir: '.', replace: { pathSuffixes: ['.json'] } },
      ],
    },
    files: {
      'web/index.html': '<h1>home</h1>',
      'web/a b.txt': 'blank',
      'web/data.json': '{}',
      'web/picture.svg': '<svg/>',
      'web/style.css': 'a{}',
      'web/folder/index.html': '<h1>folder</h1>',
      'web/empty/x.txt': 'x',
      'web/.hidden': 'hidden',
      'web/.well-known/security.txt': 'hidden too',
      'web/full/x.txt': 'by the whole path',
      'web/100%.txt': 'percent',
      'pages/index.html': '<p>{{HARBOUR}} {{{HARBOUR}}} {{NOBODY}}</p>',
      'pages/sub/a.txt': '{{HARBOUR}}',
      'pages/b.txt': '{{HARBOUR}}',
      'pages/x.html.bak': '{{HARBOUR}}',
      'canary.txt': 'CANARY-INSIDE',
      'default-env.json': { SECRET: 'CANARY-SECRET' },
      'keystores/old.p12': 'CANARY-KEY',
      'web/default-env.json': 'CANARY-INSIDE',
    },
  });
  const outside = workingDirectory({ 'secret.txt': secret, 'index.html': secret, 'page.html': secret });
  symlinkSync(path.join(outside, 'secret.txt'), path.join(directory, 'web/link.txt'));
  symlinkSync(outside, path.join(directory, 'web/linked'));
  symlinkSync(path.join(outside, 'index.html'), path.join(directory, 'web/empty/index.html'));
  symlinkSync(path.join(outside, 'page.html'), path.join(directory, 'pages/page.html'));
  symlinkSync(path.join(outside, 'index.html'), path.join(directory, 'pages/sub/index.html'));
  symlinkSync(path.join(directory, 'default-env.json'), path.join(directory, 'web/configuration.json'));
  symlinkSync(path.join(directory, 'web/data.json'), path.join(directory, 'web/inside.json'));
  writeFileSync(path.join(directory, 'web/bytes.bin'), '0123456789');
  door = await openHouse(house);
});

describe('a file is found below its folder (xs-app.md 3.6)', () => {
  test.each([
    ['/web/index.html', '<h1>home</h1>'],
    ['/web/', '<h1>home</h1>'],
    ['/web/folder/', '<h1>folder</h1>'],
    ['/web/a%20b.txt', 'blank'],
    ['/web/index%2Ehtml', '<h1>home</h1>'],
    ['/web/folder%2Findex.html', '<h1>folder</h1>'],
    ['/web/100%25.txt', 'percent'],
    ['/web/index.html?x=/../../canary.txt', '<h1>home</h1>'],
    ['/full/x.txt', 'by the whole path'],
    ['/web/inside.json', '{}'],
  ])('%s', async (target, body) => {
    expect(await door.ask(target)).toMatchObject({ status: 200, body });
  });

  test.each([
    ['/web/index.html', /^text\/html; charset=utf-8$/i],
    ['/web/data.json', /^application\/json; charset=utf-8$/i],
    ['/web/style.css', /^text\/css; charset=utf-8$/i],
    ['/web/picture.svg', /^image\/svg\+xml$/],
  ])('%s says what it is', async (target, type) => {
    expect((await door.ask(target)).headers['content-type']).toMatch(type);
  });

  test('with what caches and downloads need', async () => {
    const { headers } = await door.ask('/web/bytes.bin');
    expect(headers).toMatchObject({ 'accept-ranges': 'bytes', 'cache-control': 'public, max-age=60' });
    expect(headers.etag).toMatch(/^W\/"/);
    expect(headers['last-modified']).toMatch(/GMT$/);
    expect((await door.ask('/full/x.txt')).headers['cache-control']).toBeUndefined();
  });

  test('in parts', async () => {
    const answer = await door.ask('/web/bytes.bin', { headers: { range: 'bytes=2-4' } });
    expect(answer).toMatchObject({ status: 206, body: '234' });
    expect(answer.headers['content-range']).toBe('bytes 2-4/10');
  });

  test('a part that is not there: 416, with the length there is and nothing else of the file', async () => {
    const { status, body, headers } = await door.ask('/web/data.json', { headers: { range: 'bytes=99-' } });
    expect([status, body]).toEqual([416, 'Range Not Satisfiable']);
    expect(headers['content-range']).toBe('bytes */2');
    for (const name of ['content-type', 'last-modified', 'etag']) expect(headers[name]).toBeUndefined();
  });

  test('not again when the client has it', async () => {
    const { headers } = await door.ask('/web/bytes.bin');
    expect((await door.ask('/web/bytes.bin', { headers: { 'if-none-match': headers.etag ?? '' } })).status).toBe(304);
  });

  test('not when the client asks for another version only: 412 (RFC 9110 13.1.1)', async () => {
    expect((await door.ask('/web/bytes.bin', { headers: { 'if-match': '"other"' } })).status).toBe(412);
  });

  test('HEAD: everything but the body', async () => {
    const answer = await door.ask('/web/bytes.bin', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers['content-length']).toBe('10');
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s: 405, and what would do', async (method) => {
    const answer = await door.ask('/web/index.html', { method });
    expect(answer).toMatchObject({ status: 405, body: '' });
    expect(answer.headers.allow).toBe('GET, HEAD');
  });
});

describe('what is not there, or not to be seen, is 404', () => {
  test.each([
    '/web/nothing.txt',
    '/web/index.html/',
    '/web/index.html/x',
    '/web/.hidden',
    '/web/%2ehidden',
    '/web/.well-known/security.txt',
    '/web/empty/nothing/',
    '/full/',
  ])('%s', async (target) => {
    const answer = await door.ask(target);
    expect(answer).toMatchObject({ status: 404, body: 'Not Found' });
    expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
  });
});

describe('nothing outside the working directory is ever served (T-06, 13.1 #17)', () => {
  test.each([
    ['a link to a file', '/web/link.txt'],
    ['a link to a folder', '/web/linked/secret.txt'],
    ['the index of a linked folder', '/web/linked/'],
    ['an index that is itself a link', '/web/empty/'],
    ['a processed file that is a link', '/pages/page.html'],
    ['a processed index that is a link', '/pages/sub/'],
  ])('%s: %s', async (_, target) => {
    const answer = await door.ask(target);
    expect(answer.body).not.toContain('CANARY');
    expect([403, 404]).toContain(answer.status);
  });

  test('nor anything beside the folder, in forty encodings', async () => {
    const dots = ['..', '%2e%2e', '%252e%252e', '.%2e', '..%00', '%c0%ae%c0%ae', '%e2%80%a5', '%ef%bc%8e%ef%bc%8e'];
    const slashes = ['/', '%2f', '%5c', '\\', '%252f', '%ef%bc%8f'];
    for (const dot of dots)
      for (const slash of slashes)
        for (const name of ['canary.txt', 'default-env.json', 'xs-app.json']) {
          const target = `/web/${dot}${slash}${name}`;
          const answer = await door.ask(target);
          expect.soft([400, 403, 404], target).toContain(answer.status);
          expect.soft(answer.body, target).not.toContain('CANARY');
        }
  });

  test.each([
    ['dots', '../canary.txt', [400]],
    ['encoded dots', '%2e%2e%2fcanary.txt', [400]],
    ['an absolute path', '/etc/passwd', [404]],
    ['NUL', 'index.html%00.txt', [400, 404]],
    ['a % that is no escape', '%zz', [400, 404]],
    ['half a character', '%E0%A4', [400, 404]],
  ])('nor by a name taken from the query: %s', async (_, name, statuses) => {
    const answer = await door.ask(`/find?name=${name}`);
    expect(statuses).toContain(answer.status);
  });
});

describe('the configuration is not served where localDir is the working directory itself', () => {
  test.each([
    'xs-app.json',
    'default-env.json',
    'DEFAULT-ENV.JSON',
    'default-env%2ejson',
    '/default-env.json',
    'web/configuration.json',
    'keystores/old.p12',
  ])('%s', async (name) => {
    const answer = await door.ask(`/home/${name}`);
    expect(answer).toMatchObject({ status: 404, body: 'Not Found' });
  });

  test.each(['canary.txt', 'web/default-env.json'])('%s is none, and is served', async (name) => {
    expect(await door.ask(`/home/${name}`)).toMatchObject({ status: 200, body: 'CANARY-INSIDE' });
  });
});

describe('a path whose escapes are no UTF-8 names no file', () => {
  test.each(['/web/%E0%A4', '/web/%ff', '/web/%80x'])('%s', async (target) => {
    expect([400, 404]).toContain((await door.ask(target)).status);
  });
});

describe('a folder without its slash', () => {
  test('leads to the client’s own path with one, and keeps the query', async () => {
    const answer = await door.ask('/web/folder?x=1');
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe('/web/folder/?x=1');
    expect(answer.headers['cache-control']).toBe('public, max-age=60');
  });

  test.each(['//evil.example/docs', '///evil.example/docs', '/\\evil.example/docs', '/\\/evil.example/docs'])(
    'never to another site: %s (T-50)',
    async (target) => {
      const { status, headers } = await door.ask(target);
      if (status === 301)
        expect(new URL(headers.location ?? '', 'http://harbour.example').origin).toBe('http://harbour.example');
      else expect([400, 404]).toContain(status);
    },
  );
});

describe('placeholders (xs-app.md 3.7)', () => {
  test('are filled: escaped in two braces, as it is in three, empty when nothing stands for them', async () => {
    const answer = await door.ask('/pages/index.html');
    expect(answer.body).toBe('<p>A &amp; &quot;B&quot; A & "B" </p>');
    expect(answer.headers).toMatchObject({ 'content-type': 'text/html' });
    for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-length'])
      expect(answer.headers[name]).toBeUndefined();
  });

  test.each([
    ['the index of the folder', '/pages/', '<p>A &amp; &quot;B&quot; A & "B" </p>'],
    ['a file of exactly that name', '/pages/sub/a.txt', 'A &amp; &quot;B&quot;'],
    ['a file of another name', '/pages/b.txt', '{{HARBOUR}}'],
    ['a suffix in the middle', '/pages/x.html.bak', '{{HARBOUR}}'],
  ])('%s', async (_, target, body) => {
    expect(await door.ask(target)).toMatchObject({ status: 200, body });
  });

  test('HEAD: no body', async () => {
    expect(await door.ask('/pages/index.html', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });
});
