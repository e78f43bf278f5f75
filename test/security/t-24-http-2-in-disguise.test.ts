import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-24. Proxies that speak HTTP/2 in front and HTTP/1.1 behind were fooled in between: line breaks in `:path`, a length
 * that lies, two authorities.
 *
 * What must hold: Portunus speaks HTTP/1.1 only, on both legs; whoever speaks anything else is refused, and its pseudo
 * headers are none.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
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
