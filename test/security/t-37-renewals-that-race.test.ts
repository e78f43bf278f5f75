import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-37. Where refresh tokens are used once only, a provider takes the second use for theft and ends the whole login: two
 * requests that renew at the same moment log their user out (oauth2-proxy #1992; Apache CXF CVE-2026-50631).
 *
 * What must hold: however many requests find a token due, it is renewed once, and none of them fails. (Several instances:
 * `test/unit/login/renew-login.test.ts`, and the stories of shared sessions.)
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
});

test('200 requests at the end of a token are one renewal', async () => {
  gate.xsuaa.lifetime = 2;
  const user = openClient(gate.origin);
  await user.logIn('/quay/');
  gate.xsuaa.lifetime = 3_600;
  await sleep(1_100); // half of its life: the token is due
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => (await user.ask(`/quay/${n}`)).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(gate.xsuaa.grants('refresh_token')).toHaveLength(1);
  expect(
    new Set(gate.backend.calls.filter(({ url }) => /\d$/.test(url)).map(({ headers }) => headers.authorization)).size,
  ).toBe(1);
});
