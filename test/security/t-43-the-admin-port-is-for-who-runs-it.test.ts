import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openXsuaa } from '../e2e/approuter/support/open-xsuaa.ts';
import { type RunningRouter, runRouter } from '../e2e/approuter/support/run-router.ts';
import { ask } from '../e2e/support/ask.ts';

/**
 * T-43. Pomerium's internal API could be called with more rights than its callers had (CVE-2024-47616); metrics and
 * profiles of many products stood open beside what they served.
 *
 * What must hold: metrics are on a port of their own, on loopback unless the owner names another address, which is said
 * loudly; the public port has nothing of them; the port changes nothing, takes nothing, and tells no secret, nor a user.
 */
let router: RunningRouter;
let admin: string;
let secrets: readonly string[];
beforeAll(async () => {
  const [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  router = await runRouter({
    xsuaa,
    xsApp: {
      routes: [
        { source: '^/quay/', destination: 'b', csrfProtection: false },
        { source: '^/dyn/([^/]*)/', destination: '$1', authenticationType: 'none' },
      ],
    },
    env: {
      PORTUNUS_ADMIN_PORT: '0',
      SESSION_SECRET: 'the-session-secret-of-this-test',
      destinations: [{ name: 'b', url: backend.origin, forwardAuthToken: true }],
    },
  });
  const user = openClient(`http://localhost:${router.port}`);
  await user.logIn('/quay/');
  await user.ask('/quay/1?key=the-query-of-this-test');
  secrets = [
    'the-session-secret-of-this-test',
    'the-query-of-this-test',
    String(backend.last().headers.authorization).slice(7),
    String(user.cookies.get('JSESSIONID')).slice(4, 40),
  ];
  admin = `http://127.0.0.1:${portOf(router)}`;
});
const portOf = ({ output }: RunningRouter) => Number(/:(\d+)\/metrics/.exec(output())?.[1]);
const listens = (port: number, host: string) =>
  new Promise<boolean>((told) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      told(true);
    });
    socket.once('error', () => told(false));
  });

test('it listens at 127.0.0.1 and nowhere else', async () => {
  expect(await listens(portOf(router), '127.0.0.1')).toBe(true);
  expect(await listens(portOf(router), '127.0.0.2')).toBe(false);
});

test('another address is said loudly', async () => {
  const open = await runRouter({
    xsApp: { authenticationMethod: 'none' },
    env: { PORTUNUS_ADMIN_PORT: '0', PORTUNUS_ADMIN_ADDRESS: '0.0.0.0' },
  });
  await expect.poll(() => open.output()).toMatch(/"level":"warn"[^\n]*PORTUNUS_ADMIN_ADDRESS/);
  expect(await listens(portOf(open), '127.0.0.2')).toBe(true);
  expect(router.output()).not.toMatch(/PORTUNUS_ADMIN_ADDRESS/);
});

test.each(['/metrics', '/-/metrics', '/-/health', '/-/', '/-/config', '/-/env', '/-/heapdump', '/debug/pprof/'])(
  'the public port has no %s',
  async (path) => {
    const { status, text } = await ask(`http://localhost:${router.port}`, path);
    expect([302, 404]).toContain(status);
    expect(text).not.toMatch(/portunus_|nodejs_/);
  },
);

describe('on the port itself', () => {
  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('%s does nothing', async (method) => {
    expect((await ask(admin, '/metrics', { method })).status).toBe(405);
  });

  test.each(['/', '/metrics/', '/metrics/../quay/', '/quay/', '/-/session', '/-/login', '/__proto__', '/constructor'])(
    '%s is not there',
    async (path) => {
      expect((await ask(admin, path)).status).toBe(404);
    },
  );

  test('no secret is told, nor a user, nor a path', async () => {
    const { text } = await ask(admin, '/metrics');
    expect(text).toMatch(/portunus_/);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(15);
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/eyJ|@|quay\/1/);
  });

  test('callers make no labels: odd names of destinations, methods and hosts do not add up', async () => {
    // Node's own come when they come: a kind of garbage collection has its lines from its first time on.
    const series = async () => (await ask(admin, '/metrics')).text.match(/^portunus_[^ ]+/gm) ?? [];
    const at = `http://localhost:${router.port}`;
    for (let n = 0; n < 2; n++) await ask(at, `/dyn/x${n}/`, { method: 'PROPFIND', headers: { host: `h${n}` } });
    const before = await series();
    expect(before.length).toBeGreaterThan(50);
    for (let n = 2; n < 60; n++)
      await ask(at, `/dyn/x${n}/`, { method: n % 2 ? 'MKCOL' : 'LOCK', headers: { host: `h${n}` } });
    expect(await series()).toEqual(before);
  });
});
