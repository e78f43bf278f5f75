import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask } from '../support/ask.ts';
import { openBrowser } from '../support/browser.ts';
import { sessionCookie } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { openProvider, type Provider } from './support/open-provider.ts';

/** Clocks that differ by up to five minutes, and by more; and our own, which is set while people are logged in. */
let backend: Backend;
let provider: Provider;
let router: Router;
const openAt = (env: object = {}) =>
  openRouter({
    xsApp: {
      logout: { logoutEndpoint: '/logout', backChannelLogoutEndpoint: '/back-channel' },
      routes: [{ source: '^/quay/', destination: 'quay', csrfProtection: false }],
    },
    env: {
      ...provider.env,
      SESSION_TIMEOUT: '600',
      destinations: [{ name: 'quay', url: backend.origin, forwardAuthToken: true }],
      ...env,
    },
  });
beforeAll(async () => {
  [backend, provider] = await Promise.all([openBackend(), openProvider()]);
  router = await openAt();
});
beforeEach(() => {
  Object.assign(provider.ways, { ahead: 0, lifetime: 3_600 });
  backend.forget();
});
afterEach(() => void vi.useRealTimers());

const at = (path: string) => router.origin + path;
const minutes = (count: number) => vi.advanceTimersByTime(count * 60_000);
const renewals = () => provider.grants.filter((grant) => grant === 'refresh_token').length;

describe('the provider’s clock', () => {
  const skews = [-300, -120, 120, 300];

  test.each(skews)(
    '%i s off: people log in, and their token is renewed five minutes before the provider ends it',
    async (ahead) => {
      vi.useFakeTimers({ toFake: ['Date'] });
      provider.ways.ahead = ahead;
      const browser = openBrowser();
      expect((await browser.open(at('/quay/'))).status).toBe(200);
      const before = renewals();
      minutes(54.5);
      expect((await browser.fetch(at('/quay/'))).status).toBe(200);
      expect(renewals() - before, 'not too early').toBe(0);
      minutes(1);
      expect((await browser.fetch(at('/quay/'))).status).toBe(200);
      expect(renewals() - before, 'not too late').toBe(1);
    },
  );

  test.each(skews)('%i s off, and tokens of two minutes: no login goes round in circles', async (ahead) => {
    Object.assign(provider.ways, { ahead, lifetime: 120 });
    const browser = openBrowser();
    const page = await browser.open(at('/quay/'));
    expect([page.status, page.url.href]).toEqual([200, at('/quay/')]);
    expect((await browser.fetch(at('/quay/'))).status).toBe(200);
  });

  test.each([
    [900, 3_600, 'behind'],
    [-900, 600, 'ahead of'],
  ])('%i s off, and tokens of %i s: 502 that says whose clock is %s the other’s', async (ahead, lifetime, told) => {
    Object.assign(provider.ways, { ahead, lifetime });
    const browser = openBrowser();
    const page = await browser.open(at('/quay/'));
    expect(page.status).toBe(502);
    expect(page.text).toMatch(new RegExp(`clock here is (899|900|901) s ${told} that of the identity provider`));
    expect(sessionCookie(browser, router.origin)).toBeUndefined();
  });

  test('far ahead at a renewal: who is logged in goes on until the token ends', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const browser = openBrowser();
    await browser.open(at('/quay/'));
    provider.ways.ahead = 900;
    minutes(56);
    expect((await browser.fetch(at('/quay/'))).status).toBe(200);
    provider.ways.ahead = 0;
    minutes(1);
    expect((await browser.fetch(at('/quay/'))).status).toBe(200);
    minutes(30);
    expect((await browser.fetch(at('/quay/'))).status, 'renewed').toBe(200);
  });

  test.each(skews)('%i s off: a logout that it tells us of is believed, once', async (ahead) => {
    provider.ways.ahead = ahead;
    const browser = openBrowser();
    await browser.open(at('/quay/'));
    const token = await provider.sign(
      {
        iss: provider.origin,
        aud: 'harbour',
        sub: 'ada',
        iat: provider.now(),
        exp: provider.now() + 120,
        jti: `logout ${ahead}`,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      },
      { typ: 'logout+jwt' },
    );
    const tell = () =>
      ask(router.origin, '/back-channel', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `logout_token=${token}`,
      });
    expect((await tell()).status).toBe(200);
    expect((await browser.fetch(at('/quay/'))).status).toBe(401);
    expect((await tell()).status).toBe(400);
  });
});

describe('a token that a program shows', () => {
  const show = async (origin: string, times: { nbf?: number; exp: number }) => {
    const now = Math.floor(Date.now() / 1000);
    const token = await provider.sign(
      {
        iss: provider.origin,
        aud: 'harbour',
        sub: 'robot',
        iat: now,
        exp: now + times.exp,
        ...(times.nbf === undefined ? {} : { nbf: now + times.nbf }),
      },
      { typ: 'at+jwt' },
    );
    return ask(origin, '/quay/', {
      headers: { 'x-approuter-authorization': `Bearer ${token}`, accept: 'application/json' },
    });
  };

  test.each<[string, { nbf?: number; exp: number }, number, RegExp]>([
    ['begins in half a minute', { nbf: 30, exp: 600 }, 200, /./],
    ['begins in five minutes', { nbf: 300, exp: 900 }, 401, /not valid for another (299|300) s by the clock here/],
    ['ended half a minute ago', { exp: -30 }, 200, /./],
    ['ended five minutes ago', { exp: -300 }, 401, /ended (300|301) s ago by the clock here/],
  ])('that %s: %o is %i', async (_, times, status, told) => {
    const reply = await show(router.origin, times);
    expect(reply.status).toBe(status);
    expect(reply.text).toMatch(told);
    if (status === 401) expect(reply.headers['www-authenticate']).toContain('invalid_token');
  });

  test.each<[{ nbf?: number; exp: number }, number]>([
    [{ nbf: 290, exp: 900 }, 200],
    [{ exp: -290 }, 200],
    [{ nbf: 330, exp: 900 }, 401],
    [{ exp: -330 }, 401],
  ])('PORTUNUS_CLOCK_TOLERANCE=300 and %o: %i', async (times, status) => {
    const { origin } = await openAt({ PORTUNUS_CLOCK_TOLERANCE: '300' });
    expect((await show(origin, times)).status).toBe(status);
  });
});

describe('our own clock', () => {
  test.each([5, -5])(
    'is set by %i minutes: nobody is logged out, and nobody stays for longer than that',
    async (by) => {
      vi.useFakeTimers({ toFake: ['Date'] });
      const { origin } = await openAt({ SESSION_TIMEOUT: '15' });
      const browser = openBrowser();
      await browser.open(`${origin}/quay/`);
      minutes(5);
      vi.setSystemTime(Date.now() + by * 60_000);
      expect((await browser.fetch(`${origin}/quay/`)).status).toBe(200);
      minutes(14);
      expect((await browser.fetch(`${origin}/quay/`)).status).toBe(200);
      minutes(15.1);
      expect((await browser.fetch(`${origin}/quay/`)).status).toBe(401);
    },
  );

  test('was years ahead and is set right: sessions do not live for years', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    const right = Date.now();
    vi.setSystemTime(right + 3 * 365 * 86_400_000);
    const { origin } = await openAt({ SESSION_TIMEOUT: '15', SESSION_MAX_AGE: '60' });
    const [used, left] = [openBrowser(), openBrowser()];
    await used.open(`${origin}/quay/`);
    await left.open(`${origin}/quay/`);
    vi.setSystemTime(right);
    minutes(1); // the sweep sees that the time of a session lies ahead
    minutes(15.1);
    expect((await left.fetch(`${origin}/quay/`)).status).toBe(401);
  });
});
