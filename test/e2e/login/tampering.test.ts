import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { ask } from '../support/ask.ts';
import type { Answer, Browser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { isCallback, sessionCookie, signedInAtProvider } from '../support/log-in.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';

/** Nobody but the browser that began a login finishes it, and only once (T-30, T-33). */
let landscape: Landscape;
let harbour: Harbour;
let victim: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
  harbour = await openHarbour({ landscape });
});
beforeEach(async () => {
  victim = await signedInAtProvider(harbour.router.origin, users.everywhere);
  landscape.calls.clear();
});

const attackersBrowser = () => signedInAtProvider(harbour.router.origin, users.withoutConsent);
const comeBack = (browser: Browser) => browser.openUntil(harbour.at('/quay/7'), isCallback);
const loginCookies = (browser: Browser) =>
  browser
    .cookies(harbour.at('/login/callback'))
    .split('; ')
    .filter((pair) => pair.startsWith('portunus.login.'));

function expectNoSession(answer: Answer, browser: Browser, statuses: readonly number[]) {
  expect(statuses).toContain(answer.status);
  expect(answer.setCookies.join()).not.toContain('JSESSIONID');
  expect(sessionCookie(browser, harbour.router.origin)).toBeUndefined();
}

describe('a callback', () => {
  test('whose state was changed in one character is refused, and the code is not redeemed', async () => {
    const callback = await comeBack(victim);
    const state = callback.searchParams.get('state') ?? '';
    for (const at of [0, 7, 8, 9, state.length - 1]) {
      const changed = state.slice(0, at) + (state[at] === 'A' ? 'B' : 'A') + state.slice(at + 1);
      callback.searchParams.set('state', changed);
      expectNoSession(await victim.visit(callback), victim, [400]);
    }
    expect(tokenCalls(landscape, 'authorization_code')).toHaveLength(0);
  });

  test('works once: replayed by the browser, and with all of its cookies kept, it gives no second session', async () => {
    const callback = await comeBack(victim);
    const kept = victim.cookies(callback);
    expect((await victim.open(callback)).status).toBe(200);
    const session = sessionCookie(victim, harbour.router.origin);
    expect((await victim.visit(callback)).status).toBe(400);
    expect(sessionCookie(victim, harbour.router.origin), 'the first session lives on').toBe(session);
    const replayed = await ask(harbour.router.origin, callback.pathname + callback.search, {
      headers: { cookie: kept },
    });
    expect(replayed.status).toBe(401);
    expect(replayed.headers['set-cookie']?.join()).not.toContain('JSESSIONID');
  });

  test('of another browser does not log this one in', async () => {
    const callback = await comeBack(await attackersBrowser());
    landscape.calls.clear();
    await comeBack(victim); // an attempt of its own is under way, too
    expectNoSession(await victim.visit(callback), victim, [400]);
    expect(tokenCalls(landscape, 'authorization_code')).toHaveLength(0);
  });

  test("with the victim's own state and the attacker's code fails at the code verifier", async () => {
    const injected = await comeBack(victim);
    const attackers = await comeBack(await attackersBrowser());
    landscape.calls.clear();
    injected.searchParams.set('code', attackers.searchParams.get('code') ?? '');
    expectNoSession(await victim.visit(injected), victim, [401]);
    expect(tokenCalls(landscape, 'authorization_code').map(({ status }) => status)).toEqual([400]);
  });

  test('with an id_token for another nonce is refused', async () => {
    const authorize = await victim.openUntil(harbour.at('/quay/7'), ({ origin }) => origin === landscape.entra.origin);
    authorize.searchParams.set('nonce', 'n'.repeat(43));
    const callback = await victim.openUntil(authorize, isCallback);
    expectNoSession(await victim.visit(callback), victim, [401]);
    expect(tokenCalls(landscape, 'authorization_code').map(({ status }) => status)).toEqual([200]);
  });
});

describe('the cookie of an attempt', () => {
  const changes: Record<string, (value: string) => string> = {
    'cut short': (value) => value.slice(0, -1),
    'changed in its first character': (value) => (value.startsWith('A') ? 'B' : 'A') + value.slice(1),
    'changed in its last character': (value) => value.slice(0, -1) + (value.endsWith('A') ? 'Q' : 'A'),
    'made longer': (value) => `${value}AAAA`,
    'written otherwise': (value) => `${value}=`,
    emptied: () => '',
  };
  test.each(Object.keys(changes))('opens no more when it was %s', async (how) => {
    const callback = await comeBack(victim);
    const [name = '', value = ''] = loginCookies(victim)[0]?.split('=', 2) ?? [];
    victim.plant(callback, `${name}=${changes[how]?.(value)}; Path=/login/callback`);
    expectNoSession(await victim.visit(callback), victim, [400]);
  });

  test('opens under no other name, so that two attempts cannot be swapped', async () => {
    const first = await comeBack(victim);
    const second = await comeBack(victim);
    const [one = [], two = []] = loginCookies(victim).map((pair) => pair.split('=', 2));
    victim.plant(first, `${one[0]}=${two[1]}; Path=/login/callback`);
    victim.plant(first, `${two[0]}=${one[1]}; Path=/login/callback`);
    expectNoSession(await victim.visit(first), victim, [400]);
    expectNoSession(await victim.visit(second), victim, [400]);
  });

  test('tells nothing: neither verifier, nonce nor the way back can be read in it', async () => {
    const authorize = await victim.openUntil(harbour.at('/quay/7?secret-path'), isCallback);
    const sealed = Buffer.from(loginCookies(victim)[0]?.split('=')[1] ?? '', 'base64url').toString('latin1');
    expect(sealed).not.toContain('secret-path');
    expect(sealed).not.toContain(authorize.searchParams.get('state')?.slice(9) ?? '?');
  });
});
