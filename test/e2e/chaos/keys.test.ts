import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask } from '../support/ask.ts';
import { openBrowser } from '../support/browser.ts';
import { isCallback } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { openProvider, type Provider } from './support/open-provider.ts';

/** Keys that change while people are on their way: the provider's, without a word, and our own. */
let backend: Backend;
let provider: Provider;
let router: Router;
const setup = (env: object = {}, files = {}) => ({
  xsApp: {
    logout: { logoutEndpoint: '/logout', backChannelLogoutEndpoint: '/back-channel' },
    routes: [{ source: '^/quay/', destination: 'quay', csrfProtection: false }],
  },
  env: { ...provider.env, destinations: [{ name: 'quay', url: backend.origin }], ...env },
  files,
});
beforeAll(async () => {
  backend = await openBackend();
});
beforeEach(async () => {
  provider = await openProvider();
  router = await openRouter(setup());
});

const at = (path: string) => router.origin + path;
const callerToken = (header: object = {}) =>
  provider.sign(
    { iss: provider.origin, aud: 'harbour', sub: 'robot', iat: provider.now(), exp: provider.now() + 600, scope: 'x' },
    { typ: 'at+jwt', ...header },
  );
const call = async (token: string) =>
  (await ask(router.origin, '/quay/', { headers: { 'x-approuter-authorization': `Bearer ${token}` } })).status;

describe('the provider’s keys change', () => {
  test('between the first login and the callback of the second, a moment after they were read', async () => {
    expect((await openBrowser().open(at('/quay/1'))).status).toBe(200);
    const browser = openBrowser();
    const callback = await browser.openUntil(at('/quay/2'), isCallback);
    await provider.rotate();
    const landed = await browser.open(callback);
    expect([landed.status, landed.url.href]).toEqual([200, at('/quay/2')]);
  });

  test('between renewals: nobody is logged out', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      provider.ways.lifetime = 900;
      const browser = openBrowser();
      await browser.open(at('/quay/'));
      for (let i = 0; i < 3; i++) {
        await provider.rotate();
        vi.advanceTimersByTime(14 * 60_000);
        expect((await browser.fetch(at('/quay/'))).status).toBe(200);
      }
      expect(provider.grants.filter((grant) => grant === 'refresh_token')).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test('while programs call: the next call counts, and a hundred of them at once make one request for keys', async () => {
    expect(await call(await callerToken())).toBe(200);
    await provider.rotate();
    const before = provider.count('/keys');
    const tokens = await Promise.all(Array.from({ length: 100 }, () => callerToken()));
    expect(new Set(await Promise.all(tokens.map(call)))).toEqual(new Set([200]));
    expect(provider.count('/keys') - before).toBe(1);
  });

  test('while somebody floods us with key ids that do not exist: two requests for keys, and logins go on', async () => {
    expect(await call(await callerToken())).toBe(200);
    const before = provider.count('/keys');
    for (let i = 0; i < 10; i++) {
      const made = await Promise.all(Array.from({ length: 30 }, (_, n) => callerToken({ kid: `made-up-${i}-${n}` })));
      expect(new Set(await Promise.all(made.map(call)))).toEqual(new Set([401]));
    }
    expect(provider.count('/keys') - before).toBe(1);
    await provider.rotate();
    expect((await openBrowser().open(at('/quay/'))).status, 'what the provider itself gives us is not held up').toBe(
      200,
    );
    expect(await call(await callerToken())).toBe(200);
    expect(provider.count('/keys') - before).toBe(2);
  });

  test('ahead of a logout: its token is believed, and the session is over', async () => {
    const browser = openBrowser();
    await browser.open(at('/quay/'));
    await provider.rotate();
    const body = new URLSearchParams({
      logout_token: await provider.sign(
        {
          iss: provider.origin,
          aud: 'harbour',
          sub: 'ada',
          iat: provider.now(),
          exp: provider.now() + 120,
          jti: 'one',
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        },
        { typ: 'logout+jwt' },
      ),
    }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask(router.origin, '/back-channel', { method: 'POST', headers, body })).status).toBe(200);
    expect((await browser.fetch(at('/quay/'))).status).toBe(401);
  });

  test('and cannot be read: who shows a known one is let in, others are told that it is not their fault', async () => {
    const known = await callerToken();
    expect(await call(known)).toBe(200);
    provider.ways.instead.set('/keys', (_, response) => void response.writeHead(500).end('no'));
    const another = await callerToken();
    expect(await call(another)).toBe(200);
    await provider.rotate();
    expect(await call(await callerToken())).toBe(502);
    expect((await openBrowser().open(at('/quay/'))).status).toBe(502);
    provider.ways.instead.clear();
    expect((await openBrowser().open(at('/quay/'))).status).toBe(200);
    expect(await call(await callerToken())).toBe(200);
  });
});

describe('our own secret changes', () => {
  test('while people browse and are about to log in: nobody notices', async () => {
    const secrets = (current: string, previous: string) => ({
      SESSION_SECRET: current,
      SESSION_SECRET_PREVIOUS: previous,
    });
    const [old, fresh] = ['the first secret of this house', 'the second secret of this house'];
    router = await openRouter(setup({}, { 'default-env.json': JSON.stringify(secrets(old, '')) }));
    const [inside, onTheWay] = [openBrowser(), openBrowser()];
    expect((await inside.open(at('/quay/'))).status).toBe(200);
    expect((await inside.fetch(at('/quay/'))).status).toBe(200);
    const callback = await onTheWay.openUntil(at('/quay/deep'), isCallback);
    let browsing = true;
    const seen: number[] = [];
    const pages = (async () => {
      while (browsing) seen.push((await inside.fetch(at('/quay/'))).status);
    })();
    writeFileSync(
      path.join(router.house.config.workingDirectory, 'default-env.json'),
      JSON.stringify(secrets(fresh, old)),
    );
    expect(await router.reload?.()).toBe('taken');
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(20);
    browsing = false;
    await pages;
    expect(new Set(seen)).toEqual(new Set([200]));
    const landed = await onTheWay.open(callback);
    expect([landed.status, landed.url.href]).toEqual([200, at('/quay/deep')]);
    expect((await openBrowser().open(at('/quay/'))).status).toBe(200);
  });
});
