import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';

let backend: Backend;
let router: Router;
beforeAll(async () => {
  backend = await openBackend();
  router = await openRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'backend' }] },
    env: { destinations: [{ name: 'backend', url: backend.origin }] },
  });
});
beforeEach(() => {
  backend.forget();
  backend.answerWith(undefined);
});

describe('a request body', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'MERGE', 'PROPFIND', 'OPTIONS'])(
    'of %s arrives whole, with its length',
    async (method) => {
      const reply = await ask(router.origin, '/odata', {
        method,
        headers: { 'content-length': '9' },
        body: 'ship=Argo',
      });
      expect(reply.status).toBe(200);
      expect(backend.last()).toMatchObject({ method, body: 'ship=Argo', headers: { 'content-length': '9' } });
      expect(backend.last().headers['transfer-encoding']).toBeUndefined();
    },
  );

  test('in chunks arrives in chunks', async () => {
    const reply = await ask(router.origin, '/odata', {
      method: 'POST',
      headers: { 'transfer-encoding': 'chunked' },
      body: 'ship=Argo',
    });
    expect(reply.status).toBe(200);
    expect(backend.last()).toMatchObject({ body: 'ship=Argo', headers: { 'transfer-encoding': 'chunked' } });
    expect(backend.last().headers['content-length']).toBeUndefined();
  });

  test('of a GET arrives too, or is refused; never does the next request begin in it (T-20)', async () => {
    const reply = await ask(router.origin, '/odata', { headers: { 'content-length': '9' }, body: 'ship=Argo' });
    if (reply.status === 200) expect(backend.last().body).toBe('ship=Argo');
    else expect(reply.status).toBe(400);
  });

  test.each(['POST', 'DELETE'])('that is empty stays empty: %s', async (method) => {
    await ask(router.origin, '/odata', { method, headers: { 'content-length': '0' } });
    expect(backend.last()).toMatchObject({ method, body: '' });
    expect(backend.last().headers['transfer-encoding']).toBeUndefined();
  });

  test('that waits for 100-continue is asked for, and the offer ends here', async () => {
    const headers = { expect: '100-continue', 'content-length': '9' };
    const sending = request(`${router.origin}/odata`, { method: 'POST', headers, agent: false });
    sending.flushHeaders();
    await once(sending, 'continue');
    sending.end('ship=Argo');
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
    expect(backend.last().body).toBe('ship=Argo');
    expect(backend.last().headers.expect).toBeUndefined();
  });
});

describe('an answer', () => {
  const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, index) => index % 256));
  test.each([
    ['every byte there is', [256]],
    ['one byte', [1]],
    ['as much as goes out in one piece', [4096]],
    ['a byte more', [4097]],
    ['a small one in two pieces', [100, 200]],
    ['a long one in pieces', [4096, 1, 70_000]],
  ])('arrives byte by byte as it was sent: %s', async (_, lengths) => {
    const body = bytes(lengths.reduce((sum, length) => sum + length));
    backend.answerWith(async (_request, response) => {
      response.writeHead(200, { 'content-length': body.length, 'content-type': 'image/png', 'x-name': 'T\u00f6r' });
      let at = 0;
      for (const length of lengths) {
        await new Promise((written) => response.write(body.subarray(at, at + length), () => setTimeout(written, 5)));
        at += length;
      }
      response.end();
    });
    const reply = await ask(router.origin, '/picture');
    expect(reply.body.equals(body)).toBe(true);
    expect(reply.headers).toMatchObject({ 'content-length': String(body.length), 'x-name': 'T\u00f6r' });
  });

  test('to HEAD has the headers of the GET and no body', async () => {
    backend.answerWith((_, response) => void response.writeHead(200, { 'content-length': '1234', etag: '"1"' }).end());
    const reply = await ask(router.origin, '/file', { method: 'HEAD' });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(reply.headers).toMatchObject({ 'content-length': '1234', etag: '"1"' });
  });

  test.each([204, 304])('of %i has no body and says nothing of one, and the connection goes on', async (status) => {
    backend.answerWith((_, response) => void response.writeHead(status, { etag: '"1"' }).end());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const replies: IncomingMessage[] = [];
    for (let i = 0; i < 2; i++) {
      const [reply] = (await once(request(`${router.origin}/file`, { agent }).end(), 'response')) as [IncomingMessage];
      reply.resume();
      await once(reply, 'end');
      replies.push(reply);
    }
    agent.destroy();
    for (const { statusCode, headers } of replies) {
      expect(statusCode).toBe(status);
      expect(headers.etag).toBe('"1"');
      expect(headers['transfer-encoding']).toBeUndefined();
    }
    expect(replies[0]?.socket).toBe(replies[1]?.socket);
  });

  test('keeps its status, its reason phrase and its length', async () => {
    backend.answerWith(
      (_, response) => void response.writeHead(418, 'Short and stout', { 'content-length': '3' }).end('tea'),
    );
    const socket = connect(router.port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    );
    const text = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    expect(text).toMatch(/^HTTP\/1\.1 418 Short and stout\r\n/);
    expect(text).toMatch(/\r\ncontent-length: 3\r\n/i);
    expect(text).toMatch(/\r\n\r\ntea$/);
  });

  test('before the answer (103) does not count as the answer', async () => {
    backend.answerWith((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      setTimeout(() => response.end('at last'), 50);
    });
    const reply = await ask(router.origin, '/');
    expect([reply.status, reply.text]).toEqual([200, 'at last']);
  });

  test('that redirects elsewhere is handed on, not followed, with the backend’s own Location (T-15)', async () => {
    const elsewhere = await openBackend();
    const location = `${elsewhere.origin}/?next=1`;
    backend.answerWith((_, response) => void response.writeHead(307, { location }).end());
    const reply = await ask(router.origin, '/', { headers: { authorization: 'Basic x' } });
    expect([reply.status, reply.headers.location]).toEqual([307, location]);
    expect(elsewhere.received).toHaveLength(0);
  });
});
