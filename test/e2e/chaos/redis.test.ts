import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openRedis, type Redis } from '../sessions/support/open-redis.ts';
import { ask } from '../support/ask.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { isCallback, sessionCookie } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { type Afloat, expectNothingLeft, openAfloat } from './support/open-afloat.ts';
import { openProvider, type Provider } from './support/open-provider.ts';

/**
 * Redis goes away, hangs, forgets and comes back while people log in, browse and have their tokens renewed. 503 until it is
 * back, never "no session, go on"; and the router itself goes on. (More in `test/e2e/sessions/two-instances.test.ts`.)
 */
let redis: Redis;
let backend: Backend;
let provider: Provider;
let router: Afloat;
beforeAll(async () => {
  [redis, backend, provider] = await Promise.all([openRedis(), openBackend(), openProvider()]);
  router = await openAfloat({
    xsApp: { routes: [{ source: '^/quay/', destination: 'quay', csrfProtection: false }] },
    env: {
      ...provider.env,
      REDIS_URL: redis.url,
      SESSION_SECRET: 'one secret for every instance, long enough to be one',
      destinations: [{ name: 'quay', url: backend.origin, forwardAuthToken: true }],
    },
  });
}, 60_000);
beforeEach(async () => {
  provider.ways.lifetime = 3_600;
  await vi.waitFor(async () => expect((await ask(router.origin, '/-/health/ready')).status).toBe(200), soon);
  // Whatever a story does, the next one finds everything in order, and no defect has been told of.
  onTestFinished(async () => {
    redis.thaw();
    await redis.tell('PING').catch(() => redis.start());
    router.expectAfloat(['ERR_SESSION_STORE']);
  });
});

const soon = { timeout: 10_000, interval: 20 };
const at = (path: string) => router.origin + path;
const statusOf = async (browser: Browser) => (await browser.fetch(at('/quay/'))).status;
const loggedIn = async () => {
  const browser = openBrowser();
  expect((await browser.open(at('/quay/'))).status).toBe(200);
  return browser;
};

test('it dies before the callback: 503 and no session; back again, the next login works', async () => {
  const browser = openBrowser();
  const callback = await browser.openUntil(at('/quay/'), isCallback);
  await redis.kill();
  const page = await browser.open(callback);
  expect([page.status, page.header('retry-after')]).toEqual([503, '2']);
  expect(sessionCookie(browser, router.origin)).toBeUndefined();
  await redis.start();
  await vi.waitFor(async () => expect((await browser.open(at('/quay/'))).status).toBe(200), soon);
});

test('it comes back empty: a script is told to log in, a page does so by itself, nobody gets a 500', async () => {
  const [page, script] = [await loggedIn(), await loggedIn()];
  await redis.kill();
  expect([await statusOf(page), await statusOf(script)]).toEqual([503, 503]);
  await redis.start();
  await vi.waitFor(async () => expect(await statusOf(script)).toBe(401), soon);
  expect((await page.open(at('/quay/'))).status).toBe(200);
  expect(await statusOf(page)).toBe(200);
});

test('it hangs: 503 in a few seconds at most, for logins, too; it goes on, and everybody is where they were', async () => {
  const browser = await loggedIn();
  const onTheWay = openBrowser();
  const callback = await onTheWay.openUntil(at('/quay/'), isCallback);
  redis.freeze();
  const begun = performance.now();
  const [seen, landed] = await Promise.all([statusOf(browser), onTheWay.open(callback)]);
  const took = performance.now() - begun;
  redis.thaw();
  expect([seen, landed.status]).toEqual([503, 503]);
  expect(took).toBeLessThan(10_000);
  await vi.waitFor(async () => expect(await statusOf(browser)).toBe(200), soon);
});

describe('its connections are cut again and again, as by a failover', () => {
  test('requests are 200 or 503, never "who are you?", and nothing is left behind', async () => {
    const browsers = await Promise.all(Array.from({ length: 6 }, loggedIn));
    const before = await router.held();
    const seen: number[] = [];
    let cutting = true;
    const browsing = browsers.map(async (browser) => {
      while (cutting) seen.push(await statusOf(browser));
    });
    for (let cuts = 0; cuts < 30; cuts++) {
      const sofar = seen.length;
      await redis.tell('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(sofar + 5), soon);
    }
    cutting = false;
    await Promise.all(browsing);
    expect(seen.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await vi.waitFor(async () => expect(await Promise.all(browsers.map(statusOf))).toEqual(Array(6).fill(200)), soon);
    await expectNothingLeft(router, before, 8);
    const after = await router.held();
    expect(after.heap - before.heap, `${before.heap} → ${after.heap}`).toBeLessThan(4_000_000);
  });
});

test('it hangs while a token is renewed: what the provider gave is not lost, and is not asked for twice', async () => {
  const another = await loggedIn();
  provider.ways.lifetime = 6; // due after three seconds
  const browser = await loggedIn();
  const first = backend.last().headers.authorization;
  const count = () => provider.grants.filter((grant) => grant === 'refresh_token').length;
  const before = count();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  provider.ways.hold = held;
  let waiting: Promise<number> | undefined;
  await vi.waitFor(
    async () => {
      const asking = statusOf(browser);
      waiting = asking;
      await Promise.race([asking, new Promise((over) => setTimeout(over, 100))]);
      expect(count() - before).toBe(1);
    },
    { timeout: 10_000, interval: 50 },
  );
  redis.freeze();
  provider.ways.lifetime = 3_600;
  release();
  provider.ways.hold = undefined;
  expect(await statusOf(another), 'it hangs indeed').toBe(503);
  redis.thaw();
  expect([200, 503]).toContain(await waiting);
  await vi.waitFor(async () => {
    expect(await statusOf(browser)).toBe(200);
    expect(backend.last().headers.authorization).not.toBe(first);
  }, soon);
  expect(count() - before).toBe(1);
});
