import { connect } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { type RunningRouter, runRouter } from '../e2e/approuter/support/run-router.ts';
import { atEnd } from '../support/at-end.ts';

/**
 * T-25. HTTP/1.1 lets a backend say things that node's HTTP/2 throws at: the same header twice (`X-Content-Type-Options`
 * of a framework and of a proxy beside it), a status beyond 599, a header named like a member of every object. Thrown in a
 * listener of a socket or a timer, that ends a process; caught on the way, it leaves the client waiting for ever.
 *
 * What must hold: whatever a backend answers, a client of HTTP/2 gets an answer, and the process goes on.
 */
let answer: readonly string[] = [];
let router: RunningRouter;
beforeAll(async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', async () => {
      for (const part of answer) {
        socket.write(part, 'latin1');
        await sleep(30); // so that the head goes out by itself, out of another turn than the body
      }
      socket.end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  atEnd(() => void server.close());
  const { port } = server.address() as AddressInfo;
  router = await runRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
    env: { HTTP2_SUPPORT: 'true', destinations: [{ name: 'b', url: `http://127.0.0.1:${port}` }] },
  });
});

/** Status, headers and body; of a stream that was reset, its error. */
async function ask(method = 'GET') {
  const session = connect(`http://127.0.0.1:${router.port}`);
  session.on('error', () => {});
  const stream = session.request({ ':path': '/x', ':method': method });
  let headers: Record<string, unknown> = {};
  let text = '';
  stream.setEncoding('latin1');
  stream.on('response', (head) => {
    headers = { ...head };
  });
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  let error: unknown;
  stream.on('error', (cause) => {
    error = cause;
  });
  stream.end();
  await new Promise((over) => stream.once('close', over));
  session.destroy();
  return { status: headers[':status'], headers, text, error };
}
const head = (...lines: readonly string[]) =>
  ['HTTP/1.1 200 OK', ...lines, 'Transfer-Encoding: chunked', 'Connection: close', '', ''].join('\r\n');
const body = '2\r\nok\r\n0\r\n\r\n';

test.each([
  ['the same header twice', ['X-Content-Type-Options: nosniff', 'x-content-type-options: nosniff'], 'nosniff'],
  ['two values of a header that has one', ['ETag: "a"', 'ETag: "b"'], undefined],
  ['two locations', ['Location: /a', 'Location: /b'], undefined],
  ['two content types', ['Content-Type: text/plain', 'Content-Type: text/html'], undefined],
  ['a header named like a member of every object', ['constructor: x', '__proto__: y', 'toString: z'], undefined],
  ['headers of one connection', ['TE: gzip', 'Keep-Alive: 5', 'HTTP2-Settings: x', 'Upgrade: h2c'], undefined],
  ['bytes beyond ASCII', ['X-A: \x80\xff'], undefined],
])('%s', async (_, lines, nosniff) => {
  answer = [head(...lines), body];
  const { status, text, headers, error } = await ask();
  expect([status, text, error]).toEqual([200, 'ok', undefined]);
  expect(headers['x-content-type-options']).toBe(nosniff);
});

test.each([600, 777, 999])('the status %i', async (status) => {
  answer = [`HTTP/1.1 ${status} Odd\r\nContent-Length: 2\r\n\r\n`, 'ok'];
  expect((await ask()).status).toBe(502);
});

test.each([204, 205, 304])('%i with a length', async (status) => {
  answer = [`HTTP/1.1 ${status} Odd\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`, status === 205 ? 'ok' : ''];
  const { status: seen, error } = await ask();
  expect([seen, error]).toEqual([status, undefined]);
});

test('cookies stay apart', async () => {
  answer = [head('Set-Cookie: a=1; Max-Age=9', 'Set-Cookie: b=2; Max-Age=9'), body];
  expect((await ask()).headers['set-cookie']).toEqual(['a=1; Max-Age=9', 'b=2; Max-Age=9']);
});

test('an answer that breaks off is no whole one', async () => {
  answer = [head('X-A: b'), '50\r\nabc'];
  expect((await ask()).error).toBeDefined();
});

test('after all of it the process is the same, and nothing was thrown', async () => {
  answer = [head('X-A: b'), body];
  expect((await ask()).status).toBe(200);
  expect(router.process.exitCode).toBe(null);
  expect(router.output()).not.toMatch(/unhandled|uncaught|ERR_INTERNAL|TypeError|RangeError/i);
});
