import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Client } from '../e2e/approuter/support/client.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../e2e/support/open-web-socket-backend.ts';
import { upgrade } from '../e2e/support/upgrade.ts';
import { type Gate, openGate } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-21. Pingora passed on what came behind an `Upgrade` before the backend had agreed: a second request, judged by nobody
 * (CVE-2026-2833); undici took line breaks in an upgrade for its own (CVE-2026-1527).
 *
 * What must hold: behind an upgrade nothing reaches a backend unless it has said 101; a refused one ends the connection.
 * And what an upgrade answers goes through the same rules as any answer: no backend overwrites our session cookie.
 */
let gate: Gate;
let sockets: WebSocketBackend;
let pilot: Client;
let cookie: string;
beforeAll(async () => {
  sockets = await openWebSocketBackend();
  gate = await openGate(({ origin }) => ({
    xsApp: {
      websockets: { enabled: true },
      routes: [
        { source: '^/chat/', destination: 'chat', csrfProtection: false },
        { source: '^/plain/', destination: 'plain', authenticationType: 'none' },
        { source: '^/quay/', destination: 'plain', csrfProtection: false },
      ],
    },
    env: {
      destinations: [
        { name: 'chat', url: sockets.origin },
        { name: 'plain', url: origin },
      ],
    },
  }));
  pilot = await gate.loggedIn();
  cookie = [...pilot.cookies].map((pair) => pair.join('=')).join('; ');
});
beforeEach(() => {
  gate.backend.forget();
  sockets.forget();
  sockets.answerWith(undefined);
});

const head = (path: string, ...more: readonly string[]) =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: localhost:${gate.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    `Origin: http://localhost:${gate.port}`,
    `Cookie: ${cookie}`,
    ...more,
    '',
    '',
  ].join('\r\n');
const second = 'GET /plain/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a second request behind an upgrade', () => {
  test.each([
    ['that is refused here', '/nowhere/'],
    ['that its backend answers with 200', '/plain/'],
  ])('%s is answered by nobody', async (_, path) => {
    const wire = await openWire(gate.port);
    wire.send(head(path) + second);
    expect(await wire.closed(3_000), 'the connection is closed').toBe(true);
    expect(statusesOf(wire.heard())).toHaveLength(1);
    expect(gate.backend.calls.map(({ url }) => url)).not.toContain('/plain/smuggled');
  });

  test.each([200, 403, 426])('whose backend answers %i does not pass blindly', async (status) => {
    let raw = '';
    sockets.answerWith((_, socket) => {
      socket.on('data', (chunk) => {
        raw += chunk;
      });
      socket.write(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`);
    });
    const wire = await openWire(gate.port);
    wire.send(head('/chat/') + second);
    await wire.until(/HTTP\/1\.1 \d{3}/, 3_000);
    wire.send(second);
    expect(await wire.closed(3_000), 'the connection is closed').toBe(true);
    expect(statusesOf(wire.heard())).toEqual([status]);
    expect(raw).toBe('');
  });
});

describe('an upgrade that has a body', () => {
  test.each(['Content-Length: 46', 'Transfer-Encoding: chunked'])(
    'by %s is refused: who would end it where?',
    async (line) => {
      const wire = await openWire(gate.port);
      wire.send(head('/chat/', line) + second);
      expect(await wire.closed(3_000)).toBe(true);
      expect(statusesOf(wire.heard())).toEqual([400]);
      expect(sockets.upgrades).toEqual([]);
    },
  );
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])(
  'an upgrade by %s is no WebSocket (RFC 6455 4.1) and is refused',
  async (method) => {
    const wire = await openWire(gate.port);
    wire.send(head('/chat/').replace('GET', method));
    expect(await wire.closed(3_000)).toBe(true);
    expect(statusesOf(wire.heard())).toEqual([400]);
    expect(sockets.upgrades).toEqual([]);
  },
);

describe('what a backend answers an upgrade with', () => {
  const set =
    'Set-Cookie: JSESSIONID=planted; Path=/; Max-Age=999\r\nSet-Cookie: portunus.login.abcdefgh=x\r\nSet-Cookie: theirs=1; Max-Age=9\r\n';

  test('sets none of our cookies, with 101', async () => {
    sockets.answerWith((_, socket) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${set}\r\n`);
    });
    const { status, head: answer, tunnel } = await upgrade(gate.origin, '/chat/', { cookie });
    tunnel?.socket.destroy();
    expect(status).toBe(101);
    expect(answer).not.toMatch(/JSESSIONID|portunus/);
    expect(answer).toContain('theirs=1');
  });

  test('sets none of our cookies, with anything else', async () => {
    sockets.answerWith((_, socket) => {
      socket.end(`HTTP/1.1 403 No\r\nConnection: close\r\n${set}Content-Length: 0\r\n\r\n`);
    });
    const { status, head: answer } = await upgrade(gate.origin, '/chat/', { cookie });
    expect(status).toBe(403);
    expect(answer).not.toMatch(/JSESSIONID|portunus/);
  });
});

test.each(['h2c', 'websocket, h2c', 'h2c, websocket', 'HTTP/2.0', 'websocketx', 'TLS/1.0'])(
  'an offer of %j is ignored, and the request is one like others',
  async (protocol) => {
    const wire = await openWire(gate.port);
    wire.send(
      `GET /plain/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n`,
    );
    await wire.until('/plain/1', 3_000);
    wire.send('GET /plain/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await wire.closed(3_000)).toBe(true);
    expect(statusesOf(wire.heard())).toEqual([200, 200]);
    const [first] = gate.backend.calls;
    expect(first?.headers.upgrade).toBeUndefined();
    expect(first?.headers['http2-settings']).toBeUndefined();
  },
);

describe('connections of upgrades that came to nothing', () => {
  const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

  test.each([
    ['refused here', '/nowhere/', ''],
    ['refused here, with bytes behind', '/nowhere/', second],
    ['answered by the backend', '/plain/', ''],
    ['answered by the backend, with bytes behind', '/plain/', second],
  ])('are let go: %s', async (_, path, rest) => {
    await gate.ask('/plain/warm');
    const before = openSockets();
    const wires = await Promise.all(Array.from({ length: 20 }, () => openWire(gate.port)));
    for (const wire of wires) wire.send(head(path) + rest);
    await Promise.all(wires.map((wire) => wire.closed(5_000)));
    for (const { socket } of wires) socket.destroy();
    await vi.waitFor(() => expect(openSockets()).toBeLessThanOrEqual(before + 4), { timeout: 6_000 });
  });
});
