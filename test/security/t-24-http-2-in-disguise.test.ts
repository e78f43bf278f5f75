import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { block, flags, frame, get, type Http2Wire, openHttp2Wire, types } from './support/http2-wire.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-24. Proxies that speak HTTP/2 in front and HTTP/1.1 behind were fooled in between: line breaks in `:path`, a length
 * that lies, two authorities.
 *
 * What must hold: without HTTP2_SUPPORT only HTTP/1.1 is spoken; whoever speaks anything else is refused, and its pseudo
 * headers are none. With it, what cannot be said in HTTP/1.1, or would be said otherwise there, reaches no backend; nor
 * does a second request in the first one's body; and every check of HTTP/1.1 is made.
 */
let gate: Gate;
let port: number;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
  const both = await gate.beside((backend) => {
    const { xsApp, env } = usualRoutes(backend);
    return { xsApp, env: { ...env, HTTP2_SUPPORT: 'true' } };
  });
  port = both.port;
});
beforeEach(() => gate.backend.forget());

test.each([
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'],
  ['a request line that says HTTP/2', 'GET /public/x HTTP/2.0\r\nHost: x\r\n\r\n'],
  ['HTTP/3', 'GET /public/x HTTP/3\r\nHost: x\r\n\r\n'],
  ['HTTP/0.9', 'GET /public/x\r\n\r\n'],
  ['HTTP/1.2', 'GET /public/x HTTP/1.2\r\nHost: x\r\n\r\n'],
  ['a pseudo header', 'GET /public/x HTTP/1.1\r\nHost: x\r\n:authority: y\r\n\r\n'],
  ['a pseudo path', 'GET /public/x HTTP/1.1\r\nHost: x\r\n:path: /admin/\r\n\r\n'],
  ['a blank in the path', 'GET /public/ x HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a tab in the path', 'GET /public/\tx HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a handshake of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['SOCKS', '\x05\x01\0'],
  ['the PROXY protocol', 'PROXY TCP4 6.6.6.6 1.1.1.1 1 2\r\nGET /public/x HTTP/1.1\r\nHost: x\r\n\r\n'],
])('%s is refused', async (_, bytes) => {
  const wire = await openWire(gate.port);
  wire.send(bytes);
  expect(await wire.closed(3_000)).toBe(true);
  expect(statusesOf(wire.heard()).filter((status) => status !== 400 && status !== 505)).toEqual([]);
  expect(gate.backend.calls).toEqual([]);
});

type Fields = readonly (readonly [string, string])[];
const usual: Fields = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':authority', 'localhost'],
  [':path', '/public/x'],
];
const instead = (name: string, value: string): Fields =>
  usual.map(([key, old]) => (key === name ? [key, value] : [key, old]));

/** The end of a stream: its status as it was sent, `reset`, or `closed` with the whole connection. */
async function outcome(wire: Http2Wire, stream = 1): Promise<'answered' | 'reset' | 'closed'> {
  const over = await wire.until((frames) =>
    frames.some((one) => one.stream === stream && (one.type === types.reset || one.type === types.headers)),
  );
  if (!over) return 'closed';
  return wire.heard().some((one) => one.stream === stream && one.type === types.reset) ? 'reset' : 'answered';
}

describe('with HTTP/2', () => {
  test('a plain request is one at the backend', async () => {
    const wire = await openHttp2Wire(port);
    wire.send(frame(types.headers, flags.all, 1, block(usual)));
    expect(await outcome(wire)).toBe('answered');
    expect(gate.backend.calls.map(({ url }) => url)).toEqual(['/public/x']);
  });

  test.each<[what: string, fields: Fields]>([
    ...['/public/ x', '/public/x HTTP/1.1\r\nX-Evil: 1\r\n\r\n', '/public/\tx', '/public/\0', '/public/\x7f'].map(
      (path): [string, Fields] => [`the path ${JSON.stringify(path)}`, instead(':path', path)],
    ),
    ...['*', '', 'public/x', 'http://localhost/public/x', '/public/x#y', '/public/../admin/', '/public/%2e%2e/x'].map(
      (path): [string, Fields] => [`the path ${JSON.stringify(path)}`, instead(':path', path)],
    ),
    ...['u@localhost', 'local host', 'localhost/x', 'localhost\r\nX-Evil: 1', 'a,b', ''].map(
      (authority): [string, Fields] => [`the authority ${JSON.stringify(authority)}`, instead(':authority', authority)],
    ),
    ...['get', 'Get', 'GE T', 'GET\r\n', '', 'CONNECT', 'PRI', 'NONSENSE'].map((method): [string, Fields] => [
      `the method ${JSON.stringify(method)}`,
      instead(':method', method),
    ]),
    ['two authorities', [...usual, [':authority', 'evil.example']]],
    ['two paths', [...usual, [':path', '/admin/']]],
    ['a pseudo header behind the others', [...usual.slice(0, 3), ['x-a', 'b'], [':path', '/public/x']]],
    ['an unknown pseudo header', [...usual, [':protocol', 'websocket']]],
    ['a transfer coding', [...usual, ['transfer-encoding', 'chunked']]],
    ['a connection header', [...usual, ['connection', 'x-forwarded-for']]],
    ['an upgrade', [...usual, ['upgrade', 'websocket']]],
    ['keep-alive', [...usual, ['keep-alive', '1']]],
    ['a TE that is not trailers', [...usual, ['te', 'gzip']]],
    ['a name in capitals', [...usual, ['X-Upper', 'a']]],
    ['a length without a body', [...usual, ['content-length', '5']]],
    ['two lengths', [...usual, ['content-length', '1'], ['content-length', '2']]],
    ['no path', usual.slice(0, 3)],
  ])('%s reaches nobody', async (_, fields) => {
    const wire = await openHttp2Wire(port);
    wire.send(frame(types.headers, flags.all, 1, block(fields)));
    await outcome(wire);
    expect(gate.backend.calls).toEqual([]);
    wire.send(frame(types.headers, flags.all, 3, block(usual)));
    await outcome(wire, 3);
    expect(gate.backend.calls.map(({ url }) => url)).toEqual(['/public/x']);
  });

  test.each<[what: string, field: readonly [string, string]]>([
    ['a line break in a value', ['x-a', 'b\r\nX-Evil: 1']],
    ['a line feed in a value', ['x-a', 'b\nX-Evil: 1']],
    ['NUL in a value', ['x-a', 'b\0X-Evil: 1']],
    ['a line break in a name', ['x-a: b\r\nx-evil', '1']],
    ['a colon in a name', ['x-evil:x', '1']],
    ['a blank in a name', ['x-evil ', '1']],
    ['no name', ['', 'x-evil: 1']],
    ['another host', ['host', 'evil.example']],
  ])('%s makes no header', async (_, field) => {
    const wire = await openHttp2Wire(port);
    wire.send(frame(types.headers, flags.all, 1, block([...usual, field])));
    await outcome(wire);
    for (const { rawHeaders, headers } of gate.backend.calls) {
      expect(rawHeaders.join('\n')).not.toMatch(/evil/i);
      expect(headers['x-forwarded-host']).toBe('localhost');
    }
  });

  test.each([
    ['longer', '4'],
    ['shorter', '400'],
  ])('a body that is %s than its length hides no request', async (_, length) => {
    const wire = await openHttp2Wire(port);
    wire.send(
      frame(types.headers, flags.endHeaders, 1, get('/public/first', [['content-length', length]], 'POST')),
      frame(types.data, flags.endStream, 1, Buffer.from('GET /public/smuggled HTTP/1.1\r\nHost: x\r\n\r\n')),
    );
    expect(await outcome(wire)).not.toBe('answered');
    const next = await openHttp2Wire(port);
    next.send(frame(types.headers, flags.all, 1, block(usual)));
    expect(await outcome(next)).toBe('answered');
    expect(gate.backend.calls.map(({ url }) => url)).toEqual(['/public/x']);
  });

  test('a request in a body of no length is a body', async () => {
    const wire = await openHttp2Wire(port);
    const body = '0\r\n\r\nGET /public/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    wire.send(
      frame(types.headers, flags.endHeaders, 1, get('/public/first', [], 'POST')),
      frame(types.data, flags.endStream, 1, Buffer.from(body)),
    );
    expect(await outcome(wire)).toBe('answered');
    expect(gate.backend.calls.map((call) => [call.url, call.body])).toEqual([['/public/first', body]]);
  });

  test('trailers are no headers', async () => {
    const wire = await openHttp2Wire(port);
    wire.send(
      frame(types.headers, flags.endHeaders, 1, get('/public/first', [], 'POST')),
      frame(types.data, flags.none, 1, Buffer.from('body')),
      frame(types.headers, flags.all, 1, block([['authorization', 'Bearer evil']])),
    );
    await outcome(wire);
    expect(JSON.stringify(gate.backend.calls)).not.toContain('evil');
  });

  test('a protected path is protected, whoever is said to ask', async () => {
    const wire = await openHttp2Wire(port);
    wire.send(
      frame(
        types.headers,
        flags.all,
        1,
        get('/quay/1', [
          ['accept', 'text/plain'],
          ['x-forwarded-host', 'evil.example'],
          ['x-forwarded-user', 'evil'],
          ['cookie', 'JSESSIONID=s%3Aevil'],
          ['cookie', '.x'],
        ]),
      ),
    );
    expect(await outcome(wire)).toBe('answered');
    expect(gate.backend.calls).toEqual([]);
  });
});
