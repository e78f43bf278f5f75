import { beforeAll, expect, test } from 'vitest';
import { openWebSocketBackend, type WebSocketBackend } from '../e2e/support/open-web-socket-backend.ts';
import { upgrade } from '../e2e/support/upgrade.ts';
import { type Gate, openGate } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-36. Browsers send cookies along with WebSockets of any site, and no same-origin policy holds for them: a page of the
 * attacker opens a tunnel as the user who looks at it (cross-site WebSocket hijacking).
 *
 * What must hold: an upgrade whose Origin is foreign, missing, `null` or only looks like ours is 403, session or not.
 */
let gate: Gate;
let sockets: WebSocketBackend;
let cookie: string;
beforeAll(async () => {
  sockets = await openWebSocketBackend();
  gate = await openGate(() => ({
    xsApp: {
      websockets: { enabled: true },
      routes: [
        { source: '^/quay/', destination: 'w' },
        { source: '^/public/', destination: 'w', authenticationType: 'none' },
      ],
    },
    env: { destinations: [{ name: 'w', url: sockets.origin }] },
  }));
  cookie = [...(await gate.loggedIn()).cookies].map((pair) => pair.join('=')).join('; ');
  sockets.forget();
});

test.each<[what: string, origin: (own: URL) => string]>([
  ['null', () => 'null'],
  ['empty', () => ''],
  ['of another site', () => 'https://evil.example'],
  ['with our host inside', ({ host }) => `http://${host}.evil.example`],
  ['with our host in front', ({ host }) => `http://${host}@evil.example`],
  ['with our host as path', ({ host }) => `http://evil.example/${host}`],
  ['of another scheme', ({ host }) => `https://${host}`],
  ['of another port', ({ hostname }) => `http://${hostname}:1`],
  ['without a port', ({ hostname }) => `http://${hostname}`],
  ['with a path', ({ host }) => `http://${host}/`],
  ['twice', ({ host }) => `http://${host}, http://${host}`],
  ['with a blank', ({ host }) => `http://${host} evil`],
  ['of a file', () => 'file://'],
  ['of an extension', () => 'chrome-extension://abcdef'],
  ['that is only a host', ({ host }) => host],
])('an origin %s is 403', async (_, originOf) => {
  const origin = originOf(new URL(gate.origin));
  expect((await upgrade(gate.origin, '/quay/', { origin, cookie })).status).toBe(403);
  expect((await upgrade(gate.origin, '/public/', { origin })).status).toBe(403);
  expect(sockets.upgrades).toEqual([]);
});

test.each([[[] as string[]], [['Origin: http://evil.example', 'Origin: OWN']], [['Origin: null', 'Origin: OWN']]])(
  'origin lines %j are 403',
  async (lines) => {
    const own = `http://localhost:${gate.port}`;
    const wire = await openWire(gate.port);
    wire.send(
      [
        'GET /quay/ HTTP/1.1',
        `Host: localhost:${gate.port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        `Cookie: ${cookie}`,
        ...lines.map((line) => line.replace('OWN', own)),
        '',
        '',
      ].join('\r\n'),
    );
    expect(await wire.closed(3_000)).toBe(true);
    expect(statusesOf(wire.heard())).toEqual([403]);
    expect(sockets.upgrades).toEqual([]);
  },
);

test('our own pages are let in', async () => {
  const { status, tunnel } = await upgrade(gate.origin, '/quay/', { cookie });
  expect(status).toBe(101);
  tunnel?.socket.destroy();
});
