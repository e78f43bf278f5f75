import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa } from './support/open-xsuaa.ts';
import { say } from './support/say.ts';

/** xs-app.md 4.5: HTTP2_SUPPORT. */

let backend: Backend;
let router: Router;
let session: ClientHttp2Session;
beforeAll(async () => {
  const [opened, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  backend = opened;
  router = await openRouter({
    xsuaa,
    xsApp: {
      routes: [
        { source: '^/guarded', destination: 'b' },
        { source: '^/files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
        { source: '^/', destination: 'b', authenticationType: 'none' },
      ],
    },
    files: { 'web/a.txt': 'file' },
    env: { HTTP2_SUPPORT: 'true', destinations: [{ name: 'b', url: backend.origin }] },
  });
  session = connect(`http://localhost:${router.port}`);
  atEnd(() => session.destroy());
});
beforeEach(() => backend.forget());

interface Reply {
  readonly status: unknown;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const asked = (headers: Record<string, string | string[]>, body?: string): Promise<Reply> =>
  new Promise((answered, failed) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let head: IncomingHttpHeaders = {};
    let text = '';
    stream.on('response', (received) => {
      head = received;
    });
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('error', failed);
    stream.on('end', () => answered({ status: head[':status'], headers: head, text }));
    if (body !== undefined) stream.end(body);
  });

describe('HTTP/2', () => {
  it('is forwarded like any request: path, query, cookies, the host as the client sees it', async () => {
    const { status } = await asked({ ':path': '/quay/7?full=1', cookie: ['a=1', 'b=2'], 'x-mine': 'yes' });
    expect(status).toBe(200);
    const { url, headers } = backend.last();
    expect(url).toBe('/quay/7?full=1');
    expect(headers).toMatchObject({
      cookie: 'a=1; b=2',
      'x-mine': 'yes',
      'x-forwarded-host': `localhost:${router.port}`,
      'x-forwarded-for': expect.stringMatching(/^(::1|::ffff:127\.0\.0\.1|127\.0\.0\.1)$/),
    });
    expect(Object.keys(headers).filter((name) => name.startsWith(':'))).toEqual([]);
  });

  it('streams a body up and an answer down; headers of one connection stay behind', async () => {
    backend.answer(201, { 'keep-alive': 'timeout=9', 'set-cookie': ['x=1; Max-Age=9', 'y=2; Max-Age=9'] }, 'made');
    const reply = await asked({ ':path': '/quay', ':method': 'POST' }, 'cargo');
    expect([reply.status, reply.text, backend.last().body]).toEqual([201, 'made', 'cargo']);
    expect(reply.headers['set-cookie']).toHaveLength(2);
    expect(reply.headers).not.toHaveProperty('connection');
    expect(reply.headers).not.toHaveProperty('keep-alive');
    expect(reply.headers).not.toHaveProperty('transfer-encoding');
  });

  it('may announce trailers, which stay here', async () => {
    const told = { ':path': '/quay', ':method': 'PUT', trailer: 'x-sum', 'content-length': '5' };
    expect((await asked(told, 'cargo')).status).toBe(200);
    expect((await asked({ ':path': '/quay', trailer: 'x-sum' })).status).toBe(200);
    expect(backend.last().headers).not.toHaveProperty('trailer');
  });

  it('is checked like any request', async () => {
    const status = async (headers: Record<string, string>) => (await asked(headers)).status;
    expect(await status({ ':path': '/guarded', 'x-requested-with': 'XMLHttpRequest' })).toBe(401);
    expect(await status({ ':path': '/x/%2e%2e/y' })).toBe(400);
    expect(await status({ ':path': '/files/none.txt' })).toBe(404);
    expect(backend.calls).toHaveLength(0);
  });

  it('HEAD, 204 and 304 have no body', async () => {
    expect((await asked({ ':path': '/files/a.txt', ':method': 'HEAD' })).status).toBe(200);
    for (const status of [204, 304]) {
      backend.answer(status, {});
      expect(await asked({ ':path': '/x' })).toMatchObject({ status, text: '' });
    }
  });

  it('serves many streams at once on one connection', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => asked({ ':path': `/n/${i}` })));
    expect(replies.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(new Set(backend.calls.map(({ url }) => url)).size).toBe(50);
  });

  it('a client that leaves cancels the request upstream', async () => {
    const cancelled = new Promise<void>((gone) =>
      backend.answerWith((request) => void request.socket.once('close', () => gone())),
    );
    const stream = session.request({ ':path': '/slow' });
    stream.on('error', () => {});
    await expect.poll(() => backend.calls.length).toBe(1);
    stream.close();
    await cancelled;
  });
});

describe('HTTP/1.1 on the same port', () => {
  it('is served as ever', async () => {
    expect((await ask(router.origin, '/files/a.txt')).text).toBe('file');
    expect((await ask(router.origin, '/quay', { method: 'POST' })).status).toBe(200);
  });

  it.each([
    'PRI * HTTP/1.1\r\nHost: x\r\n\r\n',
    'PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  ])('also where it begins alike: %j', async (bytes) => {
    expect(await say(router.port, bytes)).toMatch(/^HTTP\/1\.1 [24]\d\d /);
  });
});

it('without the variable the preface is no request', async () => {
  const plain = await openRouter({ xsApp: { authenticationMethod: 'none' } });
  expect(await say(plain.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});
