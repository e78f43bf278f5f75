import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Client } from '../e2e/approuter/support/client.ts';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { atEnd } from '../support/at-end.ts';
import { type Gate, openGate } from './support/open-gate.ts';

/**
 * T-15. axios sent `Proxy-Authorization` along to wherever it was redirected (CVE-2026-44486), curl likewise
 * (CVE-2026-6253, -7168).
 *
 * What must hold: Portunus follows no redirect, of a backend or of a token service. What a backend answers goes to the
 * browser; a token service that redirects has failed; nothing arrives at the other origin.
 */
let elsewhere: Backend;
let gate: Gate;
let pilot: Client;
beforeAll(async () => {
  elsewhere = await openBackend();
  const tokenService = createServer((request, response) => {
    request.resume();
    response
      .writeHead(Number(new URL(request.url ?? '', 'http://x').searchParams.get('s') ?? 302), {
        location: `${elsewhere.origin}/token`,
      })
      .end();
  });
  await new Promise<void>((ready) => tokenService.listen(0, '127.0.0.1', ready));
  atEnd(() => tokenService.close());
  const { port } = tokenService.address() as AddressInfo;
  gate = await openGate(({ origin }) => ({
    xsApp: {
      routes: [
        { source: '^/quay/', destination: 'user', csrfProtection: false },
        { source: '^/fixed/', destination: 'fixed', csrfProtection: false },
        { source: '^/t(\\d+)/', destination: 't$1', csrfProtection: false },
      ],
    },
    env: {
      destinations: [
        { name: 'user', url: origin, forwardAuthToken: true },
        { name: 'fixed', url: origin, Authentication: 'BasicAuthentication', User: 'u', Password: 'p' },
        ...[301, 302, 303, 307, 308].map((status) => ({
          Name: `t${status}`,
          name: `t${status}`,
          URL: origin,
          url: origin,
          Authentication: 'OAuth2ClientCredentials',
          clientId: 'c',
          clientSecret: 'canary',
          tokenServiceURL: `http://127.0.0.1:${port}/token?s=${status}`,
          'HTML5.DynamicDestination': 'true',
        })),
      ],
    },
  }));
  pilot = await gate.loggedIn();
});
beforeEach(() => {
  gate.backend.forget();
  elsewhere.forget();
});

test.each([301, 302, 303, 307, 308])('%i of a backend is the browser’s to follow', async (status) => {
  gate.backend.answer(status, { location: `${elsewhere.origin}/x` });
  for (const [target, method] of [
    ['/quay/', 'GET'],
    ['/fixed/', 'POST'],
  ] as const) {
    const answer = await pilot.ask(target, { method, headers: { 'proxy-authorization': 'Basic x' } });
    expect([answer.status, answer.headers.location]).toEqual([status, `${elsewhere.origin}/x`]);
    expect(JSON.stringify(answer.headers)).not.toMatch(/Bearer|Basic/);
  }
  expect(elsewhere.calls).toEqual([]);
});

test.each([301, 302, 303, 307, 308])('%i of a token service is its failure', async (status) => {
  const answer = await pilot.ask(`/t${status}/`, { headers: { accept: 'application/json' } });
  expect(answer.status).toBe(502);
  expect(answer.text).not.toContain('canary');
  expect(elsewhere.calls).toEqual([]);
  expect(gate.backend.calls).toEqual([]);
});
