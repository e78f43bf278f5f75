import { gunzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';

/** xs-app.md 8.3. */

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
beforeEach(() => backend.forget());

const big = 'cargo '.repeat(700);
const open = (compression?: object, COMPRESSION?: object): Promise<Router> =>
  openRouter({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/w/(.*)$', target: '$1', localDir: 'web' },
        { source: '^/', destination: 'b' },
      ],
      ...(compression ? { compression } : {}),
    },
    files: { 'web/big.txt': big, 'web/small.txt': 'small', 'web/big.png': big, 'web/big.svg': big },
    env: { destinations: [{ name: 'b', url: backend.origin }], ...(COMPRESSION ? { COMPRESSION } : {}) },
  });
const gzip = { 'accept-encoding': 'gzip' };
const vary = (text: string | undefined) => /accept-encoding/i.test(text ?? '');

describe('by type', () => {
  let router: Router;
  beforeAll(async () => {
    router = await open();
  });

  it.each<[type: string, compressed: boolean, varies: boolean]>([
    ['text/plain', true, true],
    ['text/html; charset=utf-8', true, true],
    ['text/css', true, true],
    ['application/json', true, true],
    ['application/json;odata.metadata=minimal', true, true],
    ['application/javascript', true, true],
    ['application/xml', true, true],
    ['application/atom+xml', true, true],
    ['image/svg+xml', true, true],
    ['image/png', false, false],
    ['application/octet-stream', false, false],
    ['image/jpeg', false, false],
    ['application/pdf', false, false],
    ['application/zip', false, false],
    ['video/mp4', false, false],
    ['multipart/mixed; boundary=x', false, false],
  ])('%s: compressed %s, Vary %s', async (type, compressed, varies) => {
    backend.answer(200, { 'content-type': type, 'content-length': String(big.length) }, big);
    const reply = await ask(router.origin, '/', { headers: gzip });
    expect(reply.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect(vary(reply.headers.vary)).toBe(varies);
    expect(reply.headers['content-length']).toBe(compressed ? undefined : String(big.length));
    expect((compressed ? gunzipSync(reply.body) : reply.body).toString()).toBe(big);
  });

  it.each<[accepted: string | undefined, compressed: boolean]>([
    ['gzip, deflate, br', true],
    ['br;q=1, gzip;q=0.1', true],
    ['GZIP', true],
    ['*', true],
    ['x-gzip', true],
    [undefined, false],
    ['', false],
    ['br', false],
    ['deflate', false],
    ['identity', false],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['gzipped', false],
    ['identity, gzip;q=0.5', false],
    ['identity;q=0, gzip', true],
  ])('Accept-Encoding %s: %s; Vary either way', async (accepted, compressed) => {
    backend.answer(200, { 'content-type': 'text/plain' }, big);
    const reply = await ask(router.origin, '/', {
      headers: accepted === undefined ? {} : { 'accept-encoding': accepted },
    });
    expect(reply.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect(vary(reply.headers.vary)).toBe(true);
  });

  it.each(['no-transform', 'public, no-transform, max-age=1'])(
    'Cache-Control %s: left alone, no Vary',
    async (cacheControl) => {
      backend.answer(200, { 'content-type': 'text/plain', 'cache-control': cacheControl }, big);
      const reply = await ask(router.origin, '/', { headers: gzip });
      expect(reply.headers['content-encoding']).toBeUndefined();
      expect(vary(reply.headers.vary)).toBe(false);
    },
  );

  it.each(['gzip', 'br', 'x-own', 'identity'])(
    'Content-Encoding %s of the backend: left alone, with Vary',
    async (encoding) => {
      backend.answer(200, { 'content-type': 'text/plain', 'content-encoding': encoding }, big);
      const reply = await ask(router.origin, '/', { headers: { 'accept-encoding': 'gzip, br' } });
      if (encoding !== 'identity') expect(reply.headers['content-encoding']).toBe(encoding);
      if (encoding !== 'identity') expect(reply.text).toBe(big);
      expect(vary(reply.headers.vary)).toBe(true);
    },
  );

  it.each(['Origin', 'accept-encoding', '*'])('Vary: %s of the backend stays', async (value) => {
    backend.answer(200, { 'content-type': 'text/plain', vary: value }, big);
    const reply = await ask(router.origin, '/', { headers: gzip });
    expect(reply.headers.vary).toContain(value);
    expect(vary(reply.headers.vary) || value === '*').toBe(true);
  });

  it.each<[what: string, length: number, compressed: boolean]>([
    ['1023 bytes', 1_023, false],
    ['1024 bytes', 1_024, true],
  ])('%s with Content-Length: %s', async (_, length, compressed) => {
    const body = 'x'.repeat(length);
    backend.answer(200, { 'content-type': 'text/plain', 'content-length': String(length) }, body);
    const reply = await ask(router.origin, '/', { headers: gzip });
    expect(reply.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect(vary(reply.headers.vary)).toBe(true);
  });

  it.each<[what: string, chunks: string[], compressed: boolean, type?: string]>([
    ['a short only chunk', ['short'], false],
    ['a short only chunk of SVG', ['short'], false, 'image/svg+xml'],
    ['a short first chunk', ['short', big], false],
    ['a long first chunk', [big, 'short'], true],
  ])('without Content-Length the first chunk decides: %s', async (_, chunks, compressed, type = 'text/plain') => {
    backend.answerWith(async (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      for (const chunk of chunks) {
        response.write(chunk);
        await new Promise((later) => setTimeout(later, 30));
      }
      response.end();
    });
    const reply = await ask(router.origin, '/', { headers: gzip });
    expect(reply.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect((compressed ? gunzipSync(reply.body) : reply.body).toString()).toBe(chunks.join(''));
  });

  it('HEAD: no body, Vary as for GET', async () => {
    backend.answer(200, { 'content-type': 'text/plain', 'content-length': '5000' });
    const reply = await ask(router.origin, '/', { method: 'HEAD', headers: gzip });
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('');
    expect(vary(reply.headers.vary)).toBe(true);
  });

  it.each([204, 304])('%i has no body to compress', async (status) => {
    backend.answer(status, { 'content-type': 'text/plain' });
    const reply = await ask(router.origin, '/', { headers: gzip });
    expect(reply.status).toBe(status);
    expect(reply.headers['content-encoding']).toBeUndefined();
  });

  it('a part of a representation is not compressed behind its Content-Range', async () => {
    backend.answer(206, { 'content-type': 'text/plain', 'content-range': `bytes 0-${big.length - 1}/99999` }, big);
    const range = { headers: { ...gzip, range: `bytes=0-${big.length - 1}` } };
    for (const target of ['/', '/w/big.txt']) {
      const reply = await ask(router.origin, target, range);
      expect(reply.status).toBe(206);
      expect(reply.headers['content-encoding']).toBeUndefined();
      expect(vary(reply.headers.vary)).toBe(true);
    }
  });

  it('errors of a backend are compressed like any answer', async () => {
    backend.answer(500, { 'content-type': 'application/json' }, JSON.stringify(big));
    expect((await ask(router.origin, '/', { headers: gzip })).headers['content-encoding']).toBe('gzip');
  });

  it('what a backend has said so far does not wait for the rest', async () => {
    let goOn = () => {};
    const seen = new Promise<void>((tell) => {
      goOn = tell;
    });
    backend.answerWith(async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write(big);
      await seen;
      response.end('last');
    });
    const answer = await fetch(`http://127.0.0.1:${router.port}/`, { headers: gzip });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    let text = '';
    for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      if (text === big) goOn();
    }
    expect(text).toBe(`${big}last`);
  });

  it('events come as they happen, not when a buffer is full', async () => {
    let first = 0;
    backend.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${'x'.repeat(2_000)}\n\n`);
      setTimeout(() => response.end('data: 2\n\n'), 2_000);
    });
    const begun = Date.now();
    const answer = await fetch(`http://127.0.0.1:${router.port}/`, { headers: { accept: 'text/event-stream' } });
    for await (const _ of answer.body ?? []) first ||= Date.now() - begun;
    expect(first).toBeLessThan(1_900);
  });

  it.each<[name: string, compressed: boolean]>([
    ['big.txt', true],
    ['small.txt', false],
    ['big.png', false],
    ['big.svg', true],
  ])('static files alike: %s %s', async (name, compressed) => {
    const reply = await ask(router.origin, `/w/${name}`, { headers: gzip });
    expect(reply.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect(vary(reply.headers.vary)).toBe(name !== 'big.png');
  });
});

describe('by configuration', () => {
  it.each<[what: string, file: object | undefined, variable: object | undefined, compressed: boolean]>([
    ['enabled false', { enabled: false }, undefined, false],
    ['enabled true', { enabled: true }, undefined, true],
    ['the variable over the file, off', { enabled: true }, { enabled: false }, false],
    ['the variable over the file, on', { enabled: false }, { enabled: true }, true],
    ['minSize above', { minSize: 5_000 }, undefined, false],
    ['minSize below', { minSize: 10 }, undefined, true],
    ['minSize by the variable', { minSize: 10 }, { minSize: 5_000 }, false],
    ['the variable leaves what it does not say', { enabled: false }, { minSize: 10 }, false],
  ])('%s', async (_, file, variable, compressed) => {
    const router = await open(file, variable);
    backend.answer(200, { 'content-type': 'text/plain', 'content-length': String(big.length) }, big);
    const reply = await ask(router.origin, '/', { headers: gzip });
    expect(reply.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    if (file && 'enabled' in file && !file.enabled && !compressed) expect(vary(reply.headers.vary)).toBe(false);
  });

  it('minSize 0: even a few bytes', async () => {
    const router = await open({ minSize: 0 });
    backend.answer(200, { 'content-type': 'text/plain', 'content-length': '2' }, 'ab');
    expect((await ask(router.origin, '/', { headers: gzip })).headers['content-encoding']).toBe('gzip');
  });

  it('compressResponseMixedTypeContent: multipart/mixed too', async () => {
    const router = await open({ compressResponseMixedTypeContent: true });
    backend.answer(200, { 'content-type': 'multipart/mixed; boundary=batch' }, big);
    const reply = await ask(router.origin, '/', { headers: gzip });
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(vary(reply.headers.vary)).toBe(true);
  });
});
