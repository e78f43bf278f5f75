import { request } from 'node:http';
import { connect } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Browser, openBrowser } from '../support/browser.ts';
import { openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../support/open-web-socket-backend.ts';
import { openXsuaa, type Xsuaa } from '../support/open-xsuaa.ts';
import { upgrade } from '../support/upgrade.ts';

/** Upgrades pass every check that a request passes, and one of their own (T-09, T-21, T-36). */
let xsuaa: Xsuaa;
let backend: WebSocketBackend;
let router: Router;
let pilot: Browser;
const routes = [
  { source: '^/open/', destination: 'chat', authenticationType: 'none' },
  { source: '^/pilots/', destination: 'chat', scope: '$XSAPPNAME.Pilot' },
  { source: '^/masters/', destination: 'chat', scope: { GET: '$XSAPPNAME.Master', default: '$XSAPPNAME.Pilot' } },
  { source: '^/files/', localDir: 'files', authenticationType: 'none' },
];
beforeAll(async () => {
  [xsuaa, backend] = await Promise.all([openXsuaa(), openWebSocketBackend()]);
  router = await openChat({ websockets: { enabled: true } });
  pilot = openBrowser();
  await pilot.open(`${router.origin}/pilots/`);
});
beforeEach(() => backend.forget());

function openChat(xsApp: object, env: object = {}): Promise<Router> {
  const destinations = [{ name: 'chat', url: backend.origin, forwardAuthToken: true }];
  const environment = { VCAP_SERVICES: xsuaa.binding, destinations, ...env };
  return openRouter({ xsApp: { routes, ...xsApp }, env: environment, files: { 'files/a.txt': 'a' } });
}

const asPilot = () => ({ cookie: pilot.cookies(`${router.origin}/`) });

async function expectRefused(path: string, status: number, headers: Record<string, string>, origin = router.origin) {
  const refused = await upgrade(origin, path, headers);
  expect(refused.status).toBe(status);
  expect(refused.head.toLowerCase(), 'the connection is closed').toContain('connection: close');
  expect(backend.upgrades, 'nothing reaches the backend').toHaveLength(0);
}

describe('an upgrade', () => {
  test('of a user with the scope is admitted, and shows the backend the token', async () => {
    const { status, tunnel } = await upgrade(router.origin, '/pilots/', asPilot());
    expect(status).toBe(101);
    expect(backend.upgrades[0]?.headers['authorization']).toMatch(/^Bearer ey/);
    expect(backend.upgrades[0]?.headers['cookie']).toBeUndefined();
    tunnel?.socket.destroy();
  });

  test('of a user without the scope is 403 (T-09)', () => expectRefused('/masters/', 403, asPilot()));

  test('of nobody is 403, not a login', () => expectRefused('/pilots/', 403, {}));

  test('with a forged session is 403', () =>
    expectRefused('/pilots/', 403, { cookie: 'JSESSIONID=s%3Aforged.forged' }));

  test.each(['http://evil.example', 'null', '', 'http://localhost', 'https://localhost:1'])(
    'from the origin %j is 403, session or not (T-36)',
    async (origin) => {
      await expectRefused('/pilots/', 403, { ...asPilot(), origin });
      await expectRefused('/open/', 403, { origin });
    },
  );

  test('without an origin is 403: no browser of ours leaves it out', async () => {
    const { host, port } = new URL(router.origin);
    const lines = ['GET /open/ HTTP/1.1', `Host: ${host}`, 'Upgrade: websocket', 'Connection: Upgrade'];
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(
        [...lines, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''].join('\r\n'),
      );
    });
    expect(Buffer.concat((await socket.toArray()) as Buffer[]).toString()).toMatch(/^HTTP\/1\.1 403 /);
    expect(backend.upgrades).toHaveLength(0);
  });

  test('to no route is 404, static files count for none', async () => {
    await expectRefused('/nowhere', 404, asPilot());
    await expectRefused('/files/a.txt', 404, asPilot());
  });

  test('by a path with dot segments is 400 (T-05)', () => expectRefused('/open/%2e%2e/masters/', 400, asPilot()));

  test('is 403 where websockets are not switched on', async () => {
    const off = await openChat({});
    await expectRefused('/open/', 403, {}, off.origin);
  });

  test('may come from the origins of WS_ALLOWED_ORIGINS only, our own no longer by itself', async () => {
    const allowed = [{ host: '*.harbour.example', protocol: 'https' }];
    const { origin } = await openChat({ websockets: { enabled: true } }, { WS_ALLOWED_ORIGINS: allowed });
    await expectRefused('/open/', 403, {}, origin);
    await expectRefused('/open/', 403, { origin: 'http://app.harbour.example' }, origin);
    const { status, tunnel } = await upgrade(origin, '/open/', { origin: 'https://app.harbour.example' });
    expect(status).toBe(101);
    tunnel?.socket.destroy();
  });
});

describe('a request that follows a refused upgrade on the same connection', () => {
  test('is not answered, and reaches nobody (T-21)', async () => {
    const { host, port } = new URL(router.origin);
    const lines = [`Host: ${host}`, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
    const first = ['GET /pilots/ HTTP/1.1', ...lines, 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''].join(
      '\r\n',
    );
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(`${first}GET /open/second HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    });
    const text = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(backend.upgrades).toHaveLength(0);
  });
});

describe('an offer to upgrade to something else', () => {
  test('is not taken: the request is served as it is', async () => {
    const plain = await openBackend();
    const { origin } = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'plain' }] },
      env: { destinations: [{ name: 'plain', url: plain.origin }] },
    });
    const headers = { upgrade: 'h2c', connection: 'Upgrade, HTTP2-Settings', 'http2-settings': 'AAMAAABkAAQAAP__' };
    const status = await new Promise((answered, failed) => {
      request(`${origin}/`, { headers, agent: false }, (answer) => answered(answer.resume().statusCode))
        .on('error', failed)
        .end();
    });
    expect(status).toBe(200);
    expect(plain.last().headers.upgrade).toBeUndefined();
  });
});
