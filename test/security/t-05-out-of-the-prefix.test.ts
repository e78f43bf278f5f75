import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openWebSocketBackend, type WebSocketBackend } from '../e2e/support/open-web-socket-backend.ts';
import { upgrade } from '../e2e/support/upgrade.ts';
import { type Gate, openGate } from './support/open-gate.ts';
import { openWire } from './support/wire.ts';

/**
 * T-05. Rewritten prefixes were escaped again and again: @fastify/http-proxy and reply-from (CVE-2021-21321, -21322, 10.0),
 * over WebSockets (CVE-2026-15631), with an encoded prefix (CVE-2026-16117), by a decoded parameter (CVE-2026-120213).
 *
 * What must hold: a route `/api/(.*)` → `/base/$1` never reaches anything that is not below `/base/`, by request or upgrade.
 */
let gate: Gate;
let sockets: WebSocketBackend;
beforeAll(async () => {
  sockets = await openWebSocketBackend();
  gate = await openGate(({ origin }) => ({
    xsApp: {
      websockets: { enabled: true },
      routes: [
        { source: '^/api/(.*)$', target: '/base/$1', destination: 'b', authenticationType: 'none' },
        { source: '^/glued(.*)$', target: '/base/.$1', destination: 'b', authenticationType: 'none' },
        { source: '^/pick[?]path=(.*)$', target: '/base/$1', destination: 'b' },
        { source: '^/chat/(.*)$', target: '/base/$1', destination: 'w', authenticationType: 'none' },
      ],
    },
    env: {
      destinations: [
        { name: 'b', url: origin },
        { name: 'w', url: sockets.origin },
      ],
    },
  }));
});
beforeEach(() => {
  gate.backend.forget();
  sockets.forget();
});

const climbs = [
  '../admin',
  '../../admin',
  '%2e%2e/admin',
  '%2E%2e/admin',
  '.%2e/admin',
  '%2e./admin',
  '..%2fadmin',
  '%2e%2e%2fadmin',
  '%252e%252e/admin',
  '%252e%252e%252fadmin',
  '%25252e%25252e/admin',
  '..\\admin',
  '..%5cadmin',
  '%2e%2e%5cadmin',
  '..;/admin',
  '..;x=y/admin',
  '%2e%2e;/admin',
  './../admin',
  'a/../../admin',
  'a/%2e%2e/%2e%2e/admin',
  '..%00/admin',
  '..%c0%afadmin',
  '%c0%ae%c0%ae/admin',
  '%e0%80%ae%e0%80%ae/admin',
  '%f0%80%80%ae%f0%80%80%ae/admin',
  '%f8%80%80%80%ae%f8%80%80%80%ae/admin',
  '%fc%80%80%80%80%ae%fc%80%80%80%80%ae/admin',
  '.%09./admin',
  '.%0a./admin',
  '.%250d./admin',
  '%2e%09%2e%09/admin',
  '%ef%bc%8e%ef%bc%8e/admin',
  '%e2%80%a5/admin',
  '..%e2%88%95admin',
  '..%ef%bc%8fadmin',
  '..%20/admin',
  '%20../admin',
  '..',
  '.',
  '%2e',
  '..%0d%0a/admin',
  '\\..\\admin',
  '..?/admin',
  '..%3f/admin',
];

describe.each(climbs)('%s', (climb) => {
  test('is refused as a request', async () => {
    expect((await gate.ask(`/api/${climb}`)).status).toBe(400);
    expect(gate.backend.calls).toEqual([]);
  });

  test('is refused as an upgrade', async () => {
    expect((await upgrade(gate.origin, `/chat/${climb}`)).status).toBe(400);
    expect(sockets.upgrades).toEqual([]);
  });
});

test.each(['/%61pi/x', '/API/x', '/api%2fx', '//api/x', '/./api/x', '/x/api/y'])(
  '%s is not the route',
  async (target) => {
    expect([400, 401, 404]).toContain((await gate.ask(target, { headers: { accept: 'text/plain' } })).status);
    expect(gate.backend.calls).toEqual([]);
  },
);

test.each(['/glued./admin', '/glued%2e/admin', '/glued.%2fadmin'])(
  '%s, put together by the rewrite, is refused',
  async (target) => {
    expect((await gate.ask(target)).status).toBe(400);
    expect(gate.backend.calls).toEqual([]);
  },
);

test('a path out of the query is judged as one', async () => {
  const user = await gate.loggedIn().catch(() => undefined);
  for (const path of ['../admin', '..%2fadmin', '%2e%2e/admin'])
    expect([400, 401]).toContain(
      (await (user ?? gate).ask(`/pick?path=${path}`, { headers: { accept: 'text/plain' } })).status,
    );
  expect(gate.backend.calls).toEqual([]);
});

test('? # CR and LF in a capture stay what they are', async () => {
  for (const rest of [
    'x?y=/admin',
    'x%3fy',
    'x%23y',
    'x%0d%0aX-Evil:%201',
    'http://evil.example/',
    '/evil.example',
    '@evil.example/',
  ]) {
    await gate.ask(`/api/${rest}`);
    expect(gate.backend.last().url).toBe(`/base/${rest}`);
    expect(gate.backend.last().headers['x-evil']).toBeUndefined();
  }
});

test.each([
  ['fullwidth dots', '\u00ef\u00bc\u008e\u00ef\u00bc\u008e'],
  ['overlong dots', '\u00c0\u00ae\u00c0\u00ae'],
  ['a two dot leader', '\u00e2\u0080\u00a5'],
])('%s as raw bytes are refused too', async (_, bytes) => {
  const wire = await openWire(gate.port);
  wire.send(`GET /api/${bytes}/admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await wire.closed(2_000);
  expect(wire.heard()).toMatch(/^HTTP\/1\.1 400 /);
  expect(gate.backend.calls).toEqual([]);
});
