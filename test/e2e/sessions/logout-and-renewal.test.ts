import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { openWebSocketBackend } from '../support/open-web-socket-backend.ts';
import { askInstance, instanceSetup, logInAt, publicOrigin } from './support/instances.ts';
import { openRedis, type Redis } from './support/open-redis.ts';

/**
 * A logout and a renewal of the same session at the same time, on two instances that share a Redis: whichever comes
 * first, the session is over afterwards, nothing of it is left, and no refresh token outlives it.
 */
let landscape: Landscape;
let redis: Redis;
let quay: Backend;
let [a, b] = [] as unknown as [Router, Router];
beforeAll(async () => {
  [landscape, redis, quay] = await Promise.all([openLandscape({ revocation: true }), openRedis(), openBackend()]);
  const setup = instanceSetup(
    { landscape, redis, quay, chat: await openWebSocketBackend() },
    { SESSION_TIMEOUT: '600' },
  );
  [a, b] = await Promise.all([openRouter(setup), openRouter(setup)]);
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] }); // all of them share this process, and so its clock
  landscape.calls.clear();
});
afterEach(() => void vi.useRealTimers());

const minutes = (count: number) => count * 60_000;
const renewals = () => tokenCalls(landscape, 'refresh_token');
const revoked = () =>
  landscape.calls.entra
    .filter(({ path }) => path.endsWith('/revoke'))
    .map(({ full }) => new URLSearchParams(full.body).get('token') ?? '');

async function redeem(refreshToken: string): Promise<number> {
  const { client, tokenUrl } = landscape.entra;
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: client.id,
    client_secret: client.secret,
  });
  return (await fetch(tokenUrl, { method: 'POST', body })).status;
}

describe('a logout at one instance', () => {
  test('while the other one renews: the session is not brought back, and the refresh token just given is dead', async () => {
    const { browser, headers, sendTo } = await logInAt(a.origin, users.everywhere);
    vi.advanceTimersByTime(minutes(56));
    const release = landscape.hooks.entra.holdTokens();
    const inFlight = askInstance(a.origin, '/quay/1', headers);
    await vi.waitFor(() => expect(renewals()).toHaveLength(1));
    sendTo(b.origin);
    const leaving = browser.visit(`${publicOrigin}/logout`);
    // The provider answers when both have begun.
    await new Promise((go) => setTimeout(go, 200));
    release();
    expect((await leaving).status).toBe(302);
    await inFlight;
    for (const { origin } of [a, b]) expect((await askInstance(origin, '/quay/', headers)).status).toBe(401);
    expect(renewals()).toHaveLength(1);
    await vi.waitFor(() => expect(revoked().length).toBeGreaterThan(0));
    for (const token of revoked()) expect(await redeem(token)).toBe(400);
  });

  test('that does not wait for a provider that takes long: what it gives too late is taken back, too', async () => {
    const { browser, headers } = await logInAt(a.origin, users.everywhere);
    vi.advanceTimersByTime(minutes(56));
    const release = landscape.hooks.entra.holdTokens();
    const inFlight = askInstance(a.origin, '/quay/1', headers);
    await vi.waitFor(() => expect(renewals()).toHaveLength(1));
    const leaving = browser.visit(`${publicOrigin}/logout`);
    await vi.waitFor(
      () => {
        vi.advanceTimersByTime(500); // of the second that a logout waits
        expect(quay.last().url).toBe('/bye');
      },
      { timeout: 5_000 },
    );
    expect((await leaving).status).toBe(302);
    const before = revoked();
    release();
    await vi.waitFor(() => expect(revoked().length).toBeGreaterThan(before.length));
    await inFlight;
    for (const token of revoked()) expect(await redeem(token)).toBe(400);
    for (const { origin } of [a, b]) expect((await askInstance(origin, '/quay/', headers)).status).toBe(401);
  });

  test('before the other one renews: nobody asks the provider any more', async () => {
    const { browser, headers } = await logInAt(a.origin, users.everywhere);
    vi.advanceTimersByTime(minutes(56));
    let goOn: () => void = () => {};
    const told = new Promise<void>((arrived) => {
      quay.answerWith((_request, response) => {
        goOn = () => void response.end();
        arrived();
      });
    });
    const leaving = browser.visit(`${publicOrigin}/logout`);
    await told; // the backend's logout is called, and takes its time
    quay.answerWith(undefined);
    const meanwhile = await Promise.all([a, b].map(({ origin }) => askInstance(origin, '/quay/', headers)));
    goOn();
    await leaving;
    expect(meanwhile.map(({ status }) => status)).toEqual([401, 401]);
    expect(renewals()).toEqual([]);
    for (const { origin } of [a, b]) expect((await askInstance(origin, '/quay/', headers)).status).toBe(401);
  });
});
