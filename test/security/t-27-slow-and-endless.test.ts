import { readFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openXsuaa } from '../e2e/approuter/support/open-xsuaa.ts';
import { type RunningRouter, runRouter } from '../e2e/approuter/support/run-router.ts';
import { ask } from '../e2e/support/ask.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../e2e/support/open-web-socket-backend.ts';
import { upgrade } from '../e2e/support/upgrade.ts';
import { openWire, statusesOf, type Wire } from './support/wire.ts';

/**
 * T-27 and T-28. Slowloris holds a server with a byte now and then: heads that never end, bodies, chunk extensions,
 * trailers; others ask for much and read none of it. WebSocket libraries believed a length of 64 bits and inflated what
 * they were sent (undici CVE-2026-1526, -1528, -2229); YARP fell to less (CVE-2022-26924, CVE-2023-33141).
 *
 * What must hold: a request that does not come to its end within its time is ended, however busily it trickles; so is a
 * connection that nothing moves on; everybody else is served meanwhile. What flows in a tunnel is not interpreted, and
 * nothing is inflated beyond a limit; memory stays where it was.
 */
let backend: Backend;
let sockets: WebSocketBackend;
let router: RunningRouter;
const requestTime = 1_500;
const idleTime = 4_000;
beforeAll(async () => {
  const xsuaa = await openXsuaa();
  backend = await openBackend();
  sockets = await openWebSocketBackend();
  router = await runRouter({
    xsuaa,
    xsApp: {
      websockets: { enabled: true },
      logout: { logoutEndpoint: '/out', backChannelLogoutEndpoint: '/out/back' },
      routes: [
        { source: '^/chat', destination: 'w', authenticationType: 'none' },
        { source: '^/', destination: 'b', authenticationType: 'none' },
      ],
    },
    env: {
      INCOMING_REQUEST_TIMEOUT: String(requestTime),
      INCOMING_CONNECTION_TIMEOUT: String(idleTime),
      destinations: [
        { name: 'b', url: backend.origin },
        { name: 'w', url: sockets.origin },
      ],
    },
  });
});
const origin = () => `http://localhost:${router.port}`;
const megabytes = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${router.process.pid}/status`, 'utf8'))?.[1]) / 1024;

afterEach(async () => {
  backend.forget();
  expect(router.process.exitCode).toBe(null);
  expect((await ask(origin(), '/after')).status).toBe(200);
  backend.forget();
  expect(router.output()).not.toMatch(/unhandled|uncaught|ERR_INTERNAL|TypeError|RangeError/i);
});

/** Sends one piece after another until the other end has had enough. */
async function trickle(wire: Wire, piece: string): Promise<void> {
  const dripping = setInterval(() => wire.send(piece), requestTime / 10);
  expect(await wire.closed(12_000), 'it is ended').toBe(true);
  clearInterval(dripping);
}
const post = 'POST /slow HTTP/1.1\r\nHost: x\r\n';

describe.concurrent('what trickles is ended in its time', () => {
  test.each<[what: string, begin: string, piece: string]>([
    ['a request line', 'GET /', 'a'],
    ['header lines', 'GET /slow HTTP/1.1\r\nHost: x\r\n', 'a: b\r\n'],
    ['one header', 'GET /slow HTTP/1.1\r\nHost: x\r\na: ', 'b'],
    ['a body of known length', `${post}Content-Length: 1000000\r\n\r\n`, 'x'],
    ['chunks', `${post}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
    ['the extension of a chunk', `${post}Transfer-Encoding: chunked\r\n\r\n1;`, 'x'],
    ['trailers', `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n`, 'a: b\r\n'],
    ['empty lines before a request', '', '\r\n'],
    ['a form that is for the router', 'POST /out/back HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n', 'x'],
  ])('%s', async (_, begin, piece) => {
    const wire = await openWire(router.port);
    wire.send(begin);
    await trickle(wire, piece);
    expect(statusesOf(wire.heard()).filter((status) => status !== 408 && status !== 400)).toEqual([]);
  });

  test('the second request of a connection, too', async () => {
    const wire = await openWire(router.port);
    wire.send('GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /');
    await trickle(wire, 'a');
    expect(statusesOf(wire.heard())[0]).toBe(200);
  });

  test('a connection on which nothing is said', async () => {
    const wire = await openWire(router.port);
    expect(await wire.closed(12_000)).toBe(true);
  });
});

test('a client that reads nothing of a large answer is let go of, and its backend with it', async () => {
  const gone = new Promise<void>((left) =>
    backend.answerWith((request, response) => {
      request.socket.once('close', () => left());
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1_000_000)));
        response.once('drain', more);
      };
      more();
    }),
  );
  const wire = await openWire(router.port);
  const before = megabytes();
  wire.socket.pause();
  wire.send('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
  await gone;
  expect(megabytes() - before).toBeLessThan(60);
});

test('a hundred and fifty slow ones keep nobody else from being served', async () => {
  const wires = await Promise.all(Array.from({ length: 150 }, () => openWire(router.port)));
  for (const wire of wires) wire.send(post);
  expect(
    (await Promise.all(Array.from({ length: 20 }, (_, n) => ask(origin(), `/meanwhile/${n}`)))).map(statusOf),
  ).toEqual(Array(20).fill(200));
  for (const { socket } of wires) socket.destroy();
});
const statusOf = ({ status }: { readonly status: number }) => status;

describe('what flows in a tunnel is not interpreted', () => {
  test.each<[what: string, head: Buffer]>([
    ['a frame of 2^63 bytes', Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0])],
    ['a frame of 2^64 - 1 bytes', Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
    ['reserved bits and an unknown opcode', Buffer.from([0xff, 4, 1, 2, 3, 4])],
    ['a close frame of one byte', Buffer.from([0x88, 1, 0])],
  ])('%s', async (_, head) => {
    sockets.answerWith((_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.write(head);
      socket.on('data', (chunk) => socket.write(chunk));
    });
    const { tunnel, status } = await upgrade(origin(), '/chat');
    sockets.answerWith(undefined);
    expect(status).toBe(101);
    tunnel?.socket.write('as it is');
    let came = Buffer.alloc(0);
    await new Promise<void>((enough) =>
      tunnel?.socket.on('data', (chunk: Buffer) => {
        came = Buffer.concat([came, chunk]);
        if (came.toString('latin1').endsWith('as it is')) enough();
      }),
    );
    tunnel?.socket.destroy();
  });

  test('a message that inflates to a thousand times its size passes as it came', async () => {
    const { tunnel } = await upgrade(origin(), '/chat', {
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
    });
    const bomb = deflateRawSync(Buffer.alloc(50_000_000));
    const before = megabytes();
    for (let n = 0; n < 20; n++) tunnel?.send({ opcode: 2, payload: bomb });
    for (let n = 0; n < 20; n++) expect((await tunnel?.next())?.payload.equals(bomb)).toBe(true);
    expect(megabytes() - before).toBeLessThan(60);
    tunnel?.socket.destroy();
  });
});

describe('what is compressed', () => {
  const bomb = gzipSync(Buffer.alloc(30_000_000, 'a'));

  test('is not inflated beyond 64 KB where the router reads it itself', async () => {
    const before = megabytes();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' };
    const { status } = await ask(origin(), '/out/back', { method: 'POST', headers, body: bomb });
    expect(status).toBe(413);
    expect(megabytes() - before).toBeLessThan(40);
  });

  test('is forwarded as it came, both ways', async () => {
    backend.answerWith((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const answer = await ask(origin(), '/x', {
      method: 'POST',
      headers: { 'content-encoding': 'gzip', 'content-length': String(bomb.length) },
      body: bomb,
    });
    expect(backend.last().body.length).toBe(bomb.length);
    expect(answer.body.equals(bomb)).toBe(true);
  });
});
