import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../e2e/approuter/support/client.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../e2e/support/open-web-socket-backend.ts';
import { upgrade } from '../e2e/support/upgrade.ts';
import { type Gate, openGate } from './support/open-gate.ts';

/**
 * T-13 and T-14. approuter 22.0.2 and 23.0 had to learn not to hand on `x-ias-token` and the headers of the Cloud
 * Connector, with which a client speaks as somebody else or a session leaves the house. Fabio let a client strike out the
 * proxy's own headers by naming them in `Connection` (CVE-2025-48865). `Proxy` becomes the HTTP_PROXY of a CGI program
 * (httpoxy, CVE-2016-5385); by `X-Original-URL` Symfony served another path than had been judged (CVE-2018-14773).
 *
 * What must hold, for requests and for upgrades: none of these reach a backend, nor does the session cookie; and what we
 * set arrives, whatever `Connection` names.
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
        { source: '^/quay/', destination: 'user', csrfProtection: false },
        { source: '^/fixed/', destination: 'fixed', csrfProtection: false },
        { source: '^/none/', destination: 'none', csrfProtection: false },
        { source: '^/public/', destination: 'none', authenticationType: 'none' },
        { source: '^/chat/', destination: 'chat' },
      ],
    },
    env: {
      destinations: [
        { name: 'user', url: origin, forwardAuthToken: true },
        { name: 'fixed', url: origin, Authentication: 'BasicAuthentication', User: 'u', Password: 'p' },
        { name: 'none', url: origin },
        { name: 'chat', url: sockets.origin, forwardAuthToken: true },
      ],
    },
  }));
  pilot = await gate.loggedIn();
  cookie = [...pilot.cookies].map((pair) => pair.join('=')).join('; ');
});
beforeEach(() => {
  gate.backend.forget();
  sockets.forget();
});

const theirs = {
  'proxy-authorization': 'Basic canary',
  'sap-connectivity-authentication': 'Bearer canary',
  'sap-connectivity-scc-location_id': 'canary',
  'sap-connectivity-technical-authentication': 'canary',
  'x-ias-token': 'canary',
  'x-approuter-user': 'canary',
  'x-forwarded-client-cert': 'canary',
  tenantid: 'canary',
  'proxy-connection': 'canary',
  'x-forwarded-user': 'canary',
  proxy: 'http://canary.example',
  'x-original-url': '/canary',
  'x-rewrite-url': '/canary',
  x_original_url: '/canary',
};

test.each(['/quay/', '/fixed/', '/none/', '/public/'])('at %s nothing of it reaches the backend', async (target) => {
  const headers = {
    ...theirs,
    cookie: `${cookie}; portunus.login.abcdefgh=canary; portunus.fragment.abcdefgh=canary; mine=1`,
  };
  expect((await gate.ask(target, { headers })).status).toBe(200);
  const { rawHeaders, headers: seen } = gate.backend.last();
  expect(rawHeaders.join('\n')).not.toMatch(/canary|JSESSIONID|portunus/);
  expect(seen.cookie).toBe('mine=1');
});

test('nor by an upgrade', async () => {
  const { status, tunnel } = await upgrade(gate.origin, '/chat/', { ...theirs, cookie: `${cookie}; mine=1` });
  expect(status).toBe(101);
  tunnel?.socket.destroy();
  const { rawHeaders, headers } = sockets.upgrades[0] ?? { rawHeaders: ['nothing came'], headers: {} };
  expect(rawHeaders.join('\n')).not.toMatch(/canary|JSESSIONID|portunus|nothing came/);
  expect(headers.cookie).toBe('mine=1');
  expect(headers.authorization).toMatch(/^Bearer ey/);
});

test('headers named like parts of every object travel as they are', async () => {
  const odd = { constructor: 'a', __proto__x: 'b', 'x-constructor': 'c' };
  const { status, tunnel } = await upgrade(gate.origin, '/chat/', { ...odd, ['__proto__']: 'd', cookie });
  expect(status).toBe(101);
  tunnel?.socket.destroy();
  expect(sockets.upgrades[0]?.headers['constructor']).toBe('a');
  await gate.ask('/public/', { headers: odd });
  expect(gate.backend.last().headers['constructor']).toBe('a');
});

describe('a client that names our headers in Connection', () => {
  const named =
    'close, authorization, cookie, host, x-forwarded-host, x-forwarded-proto, x-forwarded-for, x-forwarded-path, tenantid, x-user, content-length';

  test('takes none of them away', async () => {
    for (const target of ['/quay/', '/fixed/']) {
      expect((await pilot.ask(target, { headers: { connection: named, 'x-user': 'mine' } })).status).toBe(200);
      const { headers } = gate.backend.last();
      expect(headers.authorization).toMatch(/^(Bearer ey|Basic )/);
      expect(headers['x-forwarded-host']).toBe(`localhost:${gate.port}`);
      expect(headers['x-forwarded-proto']).toBe('http');
      expect(headers['x-forwarded-path']).toBe(target);
      expect(headers['x-forwarded-for']).toBe('127.0.0.1');
      expect(headers['x-user'], 'its own it may take away').toBeUndefined();
    }
  });

  test('cuts no body short', async () => {
    const { status } = await pilot.ask('/quay/', {
      method: 'POST',
      headers: { connection: named, 'content-length': '5' },
      body: 'whole',
    });
    expect(status).toBe(200);
    expect(gate.backend.last().body).toBe('whole');
  });
});
