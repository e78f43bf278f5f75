import { beforeAll, describe, expect, test } from 'vitest';
import { openWebSocketBackend, type WebSocketBackend } from '../e2e/support/open-web-socket-backend.ts';
import { upgrade } from '../e2e/support/upgrade.ts';
import { type Gate, openGate } from './support/open-gate.ts';

/**
 * T-09. approuter 22.0.5 took the promise of an authorization check for its outcome, and let every upgrade through;
 * 22.0.0 had a way round the login in development mode.
 *
 * What must hold: an upgrade is judged as any request, scope included, and not a byte reaches the backend before; and
 * there is no mode in which less is checked.
 */
let sockets: WebSocketBackend;
const cookies: string[] = [];
const gates: Gate[] = [];
const modes = ['', 'development', 'test', 'production', 'dev', undefined];
beforeAll(async () => {
  sockets = await openWebSocketBackend();
  for (const mode of modes) {
    const gate = await openGate(() => ({
      xsApp: {
        websockets: { enabled: true },
        routes: [
          { source: '^/masters/', destination: 'w', scope: '$XSAPPNAME.Master' },
          { source: '^/quay/', destination: 'w' },
        ],
      },
      env: { ...(mode === undefined ? {} : { NODE_ENV: mode }), destinations: [{ name: 'w', url: sockets.origin }] },
    }));
    const pilot = await gate.loggedIn();
    cookies.push([...pilot.cookies].map((pair) => pair.join('=')).join('; '));
    gates.push(gate);
  }
  sockets.forget();
});

describe.each(modes.map((mode, n) => [mode, n] as const))('with NODE_ENV %j', (_, n) => {
  test('an upgrade without the scope, or without a session, is 403 and reaches nobody', async () => {
    const { origin } = gates[n] as Gate;
    const cookie = cookies[n] as string;
    for (const [path, headers] of [
      ['/masters/', { cookie }],
      ['/quay/', {}],
      ['/quay/', { cookie: 'JSESSIONID=s%3Ax.y' }],
    ] as const)
      expect((await upgrade(origin, path, headers)).status).toBe(403);
    expect(sockets.upgrades).toEqual([]);
  });

  test('a request without a session is 401, and one without the scope 403', async () => {
    const gate = gates[n] as Gate;
    const headers = { accept: 'text/plain' };
    expect((await gate.ask('/quay/', { headers })).status).toBe(401);
    expect((await gate.ask('/masters/', { headers: { ...headers, cookie: cookies[n] as string } })).status).toBe(403);
    expect(sockets.upgrades).toEqual([]);
  });
});
