import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { type RunningRouter, runRouter } from '../e2e/approuter/support/run-router.ts';
import { ask } from '../e2e/support/ask.ts';
import { again, flags, frame, get, openHttp2Wire, remembered, types } from './support/http2-wire.ts';

/**
 * T-27, over HTTP/2. Streams begun and reset at once (rapid reset, CVE-2023-44487), heads that never end (CONTINUATION
 * flood, CVE-2024-27983), settings and pings to be acknowledged for ever (CVE-2019-9512, -9515), one byte that stands for
 * four thousand (HPACK bomb, CVE-2016-6581), windows that stay shut (CVE-2019-9511, -9517).
 *
 * What must hold: such a connection is ended, or what it asks for refused; others are served meanwhile; the backend is not
 * called for what was taken back; memory stays where it was; and who reads nothing is let go of, pings or not.
 */
let backend: Backend;
let router: RunningRouter;
const idle = 1_000;
beforeAll(async () => {
  backend = await openBackend();
  router = await runRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
    env: {
      HTTP2_SUPPORT: 'true',
      INCOMING_CONNECTION_TIMEOUT: String(idle),
      INCOMING_REQUEST_TIMEOUT: '2000',
      XS_APP_LOG_LEVEL: 'error',
      destinations: [{ name: 'b', url: backend.origin }],
    },
  });
  await ask(origin(), '/warm');
});
const origin = () => `http://127.0.0.1:${router.port}`;
const megabytes = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${router.process.pid}/status`, 'utf8'))?.[1]) / 1024;
const calm = 11;
const cancel = Buffer.from([0, 0, 0, 8]);

afterEach(async () => {
  backend.forget();
  expect(router.process.exitCode).toBe(null);
  expect((await ask(origin(), '/after')).status).toBe(200);
  expect(router.output()).not.toMatch(/unhandled|uncaught|ERR_INTERNAL|TypeError|RangeError/i);
  backend.forget();
});

test('streams that are reset at once end the connection, and call no backend', async () => {
  const wire = await openHttp2Wire(router.port);
  await wire.until((frames) => frames.some(({ type }) => type === types.settings));
  const before = megabytes();
  for (let round = 0; round < 30; round++)
    wire.send(
      ...Array.from({ length: 100 }, (_, n) => 1 + 2 * (100 * round + n)).flatMap((stream) => [
        frame(types.headers, flags.all, stream, get('/reset')),
        frame(types.reset, 0, stream, cancel),
      ]),
    );
  expect((await ask(origin(), '/meanwhile')).status).toBe(200);
  await wire.closed;
  expect(backend.calls.filter(({ url }) => url === '/reset').length).toBeLessThan(100);
  expect(megabytes() - before).toBeLessThan(150);
});

test.each<[what: string, make: (n: number) => Buffer]>([
  ['continuations without end', (n) => frame(types.continuation, 0, 1, get(`/${n}`))],
  ['continuations of nothing', () => frame(types.continuation, 0, 1)],
])('%s end the connection', async (_, make) => {
  const wire = await openHttp2Wire(router.port);
  const before = megabytes();
  wire.send(frame(types.headers, flags.endStream, 1, get('/endless')));
  for (let n = 0; n < 30; n++) wire.send(...Array.from({ length: 200 }, (_, m) => make(200 * n + m)));
  await wire.closed;
  expect(backend.calls).toEqual([]);
  expect(megabytes() - before).toBeLessThan(60);
});

test.each<[what: string, bytes: Buffer]>([
  ['settings', frame(types.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]))],
  ['pings', frame(types.ping, 0, 0, Buffer.alloc(8))],
])('%s that nobody reads the acknowledgements of end the connection', async (_, bytes) => {
  const wire = await openHttp2Wire(router.port);
  wire.socket.pause();
  const before = megabytes();
  const many = Buffer.concat(Array<Buffer>(2_000).fill(bytes));
  for (let n = 0; n < 200 && !wire.socket.destroyed; n++)
    if (!wire.socket.write(many)) await Promise.race([wire.closed, new Promise((go) => wire.socket.once('drain', go))]);
  wire.socket.resume();
  await wire.closed;
  expect(megabytes() - before).toBeLessThan(60);
});

test('one byte that stands for four thousand is refused where it comes too often', async () => {
  const wire = await openHttp2Wire(router.port);
  const before = megabytes();
  const bomb = Buffer.alloc(4_000, again);
  wire.send(
    frame(types.headers, flags.all, 1, Buffer.concat([get('/bomb'), remembered('cookie', 'x'.repeat(3_900)), bomb])),
    ...Array.from({ length: 60 }, (_, n) =>
      frame(types.headers, flags.all, 3 + 2 * n, Buffer.concat([get('/bomb'), bomb])),
    ),
  );
  const refused = () => wire.heard().filter(({ type }) => type === types.reset);
  await wire.until(() => refused().length === 61);
  expect(new Set(refused().map(({ payload }) => payload.readUInt32BE(0)))).toEqual(new Set([calm]));
  expect(backend.calls).toEqual([]);
  expect(megabytes() - before).toBeLessThan(100);
  wire.socket.destroy();
});

test('heads of more than 64 KB are refused, a hundred cookies in a field each are not', async () => {
  const wire = await openHttp2Wire(router.port);
  const long = Array.from({ length: 9 }, (_, n) => [`x-${n}`, 'y'.repeat(8_000)] as const);
  const head = get('/long', long);
  wire.send(
    frame(types.headers, flags.endStream, 1, head.subarray(0, 16_000)),
    ...[1, 2, 3, 4].map((n) =>
      frame(types.continuation, n === 4 ? flags.endHeaders : 0, 1, head.subarray(16_000 * n, 16_000 * (n + 1))),
    ),
  );
  expect(await wire.until((frames) => frames.some(({ type }) => type === types.reset || type === types.goAway))).toBe(
    true,
  );
  expect(backend.calls).toEqual([]);
  const crumbs = Array.from({ length: 150 }, (_, n) => ['cookie', `c${n}=v`] as const);
  const other = await openHttp2Wire(router.port);
  other.send(frame(types.headers, flags.all, 1, get('/crumbs', crumbs)));
  expect(await other.until((frames) => frames.some(({ type }) => type === types.data))).toBe(true);
  expect(backend.last().headers.cookie).toBe(crumbs.map(([, pair]) => pair).join('; '));
  for (const { socket } of [wire, other]) socket.destroy();
});

describe('who keeps silent is let go of', () => {
  const isOver = (stream: number) => (frames: readonly { readonly type: number; readonly stream: number }[]) =>
    frames.some((one) => one.type === types.goAway || (one.type === types.reset && one.stream === stream));

  test('with nothing asked', async () => {
    const wire = await openHttp2Wire(router.port);
    await wire.closed;
  });

  test('in the middle of a head', async () => {
    const wire = await openHttp2Wire(router.port);
    wire.send(frame(types.headers, flags.endStream, 1, get('/half')));
    await wire.closed;
  });

  test('with the window shut on a large answer, and the backend’s too', async () => {
    const gone = new Promise<void>((left) =>
      backend.answerWith((request, response) => {
        request.socket.once('close', () => left());
        response.writeHead(200).write(Buffer.alloc(8_000_000));
      }),
    );
    const wire = await openHttp2Wire(router.port);
    wire.send(
      frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])),
      frame(types.headers, flags.all, 1, get('/large')),
    );
    await wire.closed;
    await gone;
  });

  test('and pings do not keep its stream', async () => {
    backend.answerWith((_, response) => void response.writeHead(200).write(Buffer.alloc(8_000_000)));
    const wire = await openHttp2Wire(router.port);
    wire.send(
      frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])),
      frame(types.headers, flags.all, 1, get('/large')),
    );
    const pinging = setInterval(() => wire.send(frame(types.ping, 0, 0, Buffer.alloc(8))), idle / 5);
    expect(await wire.until(isOver(1))).toBe(true);
    clearInterval(pinging);
    wire.socket.destroy();
  });

  test('with a body that does not come', async () => {
    const wire = await openHttp2Wire(router.port);
    wire.send(frame(types.headers, flags.endHeaders, 1, get('/body', [], 'POST')));
    await wire.closed;
  });
});
