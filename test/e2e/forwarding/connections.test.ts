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
  router = await openRouter(setup({}));
});
beforeEach(() => {
  backend.forget();
  backend.answerWith(undefined);
});

function setup(env: object) {
  return {
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'backend' }] },
    env: { destinations: [{ name: 'backend', url: backend.origin }], ...env },
  };
}

/** Requests one after the other by one connection. @returns the answers, and how many connections it took */
async function inARow(origin: string, paths: readonly string[], method = 'GET') {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: (number | undefined)[] = [];
  const sockets = new Set<unknown>();
  for (const path of paths) {
    const [answer] = (await once(request(origin + path, { agent, method }).end(), 'response')) as [IncomingMessage];
    sockets.add(answer.socket);
    statuses.push(answer.statusCode);
    await once(answer.resume(), 'end');
  }
  agent.destroy();
  return { statuses, connections: sockets.size };
}

const five = ['/1', '/2', '/3', '/4', '/5'];

describe('the connection of a client', () => {
  test('is kept for the next request, and so is ours to the backend', async () => {
    expect(await inARow(router.origin, five)).toEqual({ statuses: Array(5).fill(200), connections: 1 });
    expect(new Set(backend.received.map(({ connection }) => connection)).size).toBe(1);
  });

  test('is kept though the backend closes its own after each answer', async () => {
    backend.answerWith((_, response) => void response.setHeader('connection', 'close').end('x'));
    expect(await inARow(router.origin, five)).toEqual({ statuses: Array(5).fill(200), connections: 1 });
    expect(new Set(backend.received.map(({ connection }) => connection)).size).toBe(5);
  });

  test('is kept though the backend is broken', async () => {
    backend.answerWith((incoming) => void incoming.socket.destroy());
    expect(await inARow(router.origin, ['/1', '/2'])).toEqual({ statuses: [502, 502], connections: 1 });
  });

  test('is closed where the client says so', async () => {
    const socket = connect(router.port, '127.0.0.1', () =>
      socket.write('GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    );
    const text = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toMatch(/\r\nConnection: close\r\n/i);
    expect(backend.last().headers.connection).not.toBe('close');
  });

  test('is closed when nothing comes for as long as SERVER_KEEP_ALIVE says', async () => {
    const { port } = await openRouter(setup({ SERVER_KEEP_ALIVE: '200' }));
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\n'));
    const begun = performance.now();
    await socket.resume().toArray();
    expect(performance.now() - begun).toBeGreaterThan(150);
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
});

describe('a connection to the backend', () => {
  test('that was closed there in the meantime does not cost a request: it is sent again by another', async () => {
    for (let i = 0; i < 20; i++) {
      backend.answerWith((incoming, response) => {
        response.end('x', () => setImmediate(() => incoming.socket.destroy())); // after the answer, without a word
      });
      expect((await ask(router.origin, `/${i}`)).status).toBe(200);
    }
  });

  test.each(['GET', 'POST'])('that breaks at the first request it carries has cost one call: %s', async (method) => {
    const { origin } = await openRouter(setup({}));
    backend.answerWith((incoming) => void incoming.socket.resetAndDestroy());
    expect((await ask(origin, '/1', { method })).status).toBe(502);
    expect(backend.received).toHaveLength(1);
  });

  test('is new for each request with DISABLE_CONNECTION_REUSE', async () => {
    const { origin } = await openRouter(setup({ DISABLE_CONNECTION_REUSE: 'true' }));
    await inARow(origin, five);
    expect(new Set(backend.received.map(({ connection }) => connection)).size).toBe(5);
  });

  test('is one of BACKEND_MAX_SOCKETS at most; further requests wait', async () => {
    const { origin } = await openRouter(setup({ BACKEND_MAX_SOCKETS: '3' }));
    let [now, most] = [0, 0];
    backend.answerWith((_, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.end();
      }, 20);
    });
    const replies = await Promise.all(Array.from({ length: 15 }, (_, i) => ask(origin, `/${i}`)));
    expect(replies.map(({ status }) => status)).toEqual(Array(15).fill(200));
    expect(most).toBe(3);
  });
});

describe('a request that is too much', () => {
  test('of 100 KB of headers is refused with 431, and others are served', async () => {
    const reply = await ask(router.origin, '/', { headers: { 'x-much': 'x'.repeat(100_000) } }).catch(
      (cause) => cause as Error,
    );
    if (!(reply instanceof Error)) expect(reply.status).toBe(431);
    else expect(reply).toMatchObject({ code: 'ECONNRESET' });
    expect(backend.received).toHaveLength(0);
    expect((await ask(router.origin, '/')).status).toBe(200);
  });

  test('because the answer’s headers are: 502', async () => {
    backend.answerWith((_, response) => void response.writeHead(200, { 'x-much': 'x'.repeat(200_000) }).end());
    expect((await ask(router.origin, '/')).status).toBe(502);
  });

  test('because it takes longer than INCOMING_REQUEST_TIMEOUT: 408, and not much later', async () => {
    const { port } = await openRouter(setup({ INCOMING_REQUEST_TIMEOUT: '500' }));
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
    });
    const patience = setTimeout(() => socket.destroy(), 3_000);
    const text = Buffer.concat((await socket.toArray().catch(() => [])) as Buffer[]).toString();
    clearTimeout(patience);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });
});
