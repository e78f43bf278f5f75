import { decodeJwt } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';

/** The landscape's tokens live an hour; its OP gives a refresh token out once and takes each only once. */
let landscape: Landscape;
let browser: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] }); // router, landscape and OP share this process, and so its clock
  browser = openBrowser();
  landscape.calls.clear();
});
afterEach(() => void vi.useRealTimers());

const minutes = (count: number) => count * 60_000;
const env = { SESSION_TIMEOUT: '600' };
const refreshes = () => tokenCalls(landscape, 'refresh_token');
const shownToken = ({ quay }: Harbour) => quay.last().headers.authorization?.replace('Bearer ', '') ?? '';

async function openWithLogin(harbourEnv: object = env): Promise<Harbour> {
  const harbour = await openHarbour({ landscape, env: { ...env, ...harbourEnv } });
  await logIn(browser, harbour.at('/quay/'), users.everywhere);
  return harbour;
}

describe('the user token of a session in use', () => {
  test('is renewed five minutes before its end, and not earlier', async () => {
    const harbour = await openWithLogin();
    const first = shownToken(harbour);
    vi.advanceTimersByTime(minutes(54));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    expect(refreshes()).toHaveLength(0);
    expect(shownToken(harbour)).toBe(first);
    vi.advanceTimersByTime(minutes(2));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    expect(refreshes()).toHaveLength(1);
    expect(decodeJwt(shownToken(harbour)).exp).toBeGreaterThan((decodeJwt(first).exp ?? 0) + 3_000);
  });

  test('is renewed once for fifty requests at the same time, and all of them are served with the new one', async () => {
    const harbour = await openWithLogin();
    const session = browser.cookies(harbour.at('/'));
    for (let hour = 1; hour <= 3; hour++) {
      vi.advanceTimersByTime(minutes(56));
      harbour.quay.forget();
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => browser.fetch(harbour.at(`/quay/${i}`))));
      expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
      expect(refreshes().map(({ status }) => status)).toEqual(Array(hour).fill(200));
      expect(new Set(harbour.quay.received.map(({ headers }) => headers.authorization)).size).toBe(1);
    }
    expect(browser.cookies(harbour.at('/')), 'the session stays the same').toBe(session);
  });

  test('is renewed when it ended while nobody used the session', async () => {
    const harbour = await openWithLogin();
    vi.advanceTimersByTime(minutes(300));
    expect((await browser.fetch(harbour.at('/me/currentUser'))).json['email']).toBe(users.everywhere.email);
    expect(refreshes()).toHaveLength(1);
  });

  test('is never renewed with JWT_REFRESH=0: at its end the user is anonymous', async () => {
    const harbour = await openWithLogin({ JWT_REFRESH: '0' });
    vi.advanceTimersByTime(minutes(59));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    vi.advanceTimersByTime(minutes(2));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(401);
    expect(refreshes()).toHaveLength(0);
  });

  test('is not renewed for a session that has been logged out', async () => {
    const harbour = await openWithLogin();
    const kept = browser.cookies(harbour.at('/'));
    await browser.visit(harbour.at('/logout'));
    vi.advanceTimersByTime(minutes(56));
    expect((await openBrowser().fetch(harbour.at('/quay/'), { headers: { cookie: kept } })).status).toBe(401);
    expect(refreshes()).toHaveLength(0);
  });
});

describe('a renewal that the provider refuses', () => {
  test('leaves the user logged in until the token ends, asks no more in between, and then needs a login', async () => {
    const harbour = await openWithLogin();
    landscape.hooks.entra.revokeRefreshTokens(users.everywhere);
    vi.advanceTimersByTime(minutes(56));
    for (let i = 0; i < 10; i++) expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    expect(refreshes().map(({ status }) => status)).toEqual([400]);
    vi.advanceTimersByTime(minutes(5));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(401);
    const landed = await logIn(browser, harbour.at('/quay/again'), users.everywhere);
    expect(landed.url.href).toBe(harbour.at('/quay/again'));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
  });

  test('because the provider is out of order is tried again later', async () => {
    const harbour = await openWithLogin();
    landscape.hooks.entra.setPolicy(() => ({ kind: 'unavailable', retryAfterSeconds: 1 }));
    vi.advanceTimersByTime(minutes(56));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    landscape.hooks.entra.setPolicy(undefined);
    vi.advanceTimersByTime(minutes(1));
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    vi.advanceTimersByTime(minutes(10));
    expect((await browser.fetch(harbour.at('/quay/'))).status, 'the renewed token lives on').toBe(200);
  });
});

describe('with tokens of three seconds and the clock as it runs', () => {
  test('JWT_REFRESH takes a fraction of a minute', async () => {
    vi.useRealTimers();
    const brief = await openLandscape({ lifetimes: { entraAccessToken: 3, entraIdToken: 3 } });
    const harbour = await openHarbour({ landscape: brief, env: { JWT_REFRESH: '0.01' } });
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    const due = (decodeJwt(shownToken(harbour)).exp ?? 0) * 1000 - 600;
    const sleepUntil = (time: number) => new Promise((over) => setTimeout(over, time - Date.now()));
    await sleepUntil(due - 200);
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    expect(tokenCalls(brief, 'refresh_token')).toHaveLength(0);
    await sleepUntil(due + 50);
    expect((await browser.fetch(harbour.at('/quay/'))).status).toBe(200);
    expect(tokenCalls(brief, 'refresh_token')).toHaveLength(1);
  });
});
