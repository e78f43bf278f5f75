import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { forgetSession, logIn, sessionCookie } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** Session fixation: whoever knows a session id from before a login must not have the one after it (T-32). */
let landscape: Landscape;
let harbour: Harbour;
beforeAll(async () => {
  landscape = await openLandscape();
  harbour = await openHarbour({ landscape });
});

/** Who the router takes the holder of a cookie for. */
async function whoHas(cookie: string | undefined): Promise<unknown> {
  const holder = openBrowser();
  holder.plant(harbour.at('/'), `JSESSIONID=${cookie}; Path=/`);
  const { status, json } = await holder.fetch(harbour.at('/me/currentUser'));
  return status === 200 ? json['email'] : status;
}

describe('the session id', () => {
  test('after a login is another than before, and the one before is worth nothing', async () => {
    const browser = openBrowser();
    await browser.fetch(harbour.at('/public/'), { headers: { 'x-csrf-token': 'fetch' } });
    const before = sessionCookie(browser, harbour.router.origin);
    expect(before, 'an anonymous session, made for a CSRF token').toBeDefined();
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    const after = sessionCookie(browser, harbour.router.origin);
    expect(after).not.toBe(before);
    expect(await whoHas(after)).toBe(users.everywhere.email);
    expect(await whoHas(before)).toBe(401);
  });

  test('of a login is replaced by the next one, and dies with it', async () => {
    const browser = openBrowser();
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    const first = sessionCookie(browser, harbour.router.origin);
    await browser.open(harbour.at('/-/login?return_to=/quay/'));
    const second = sessionCookie(browser, harbour.router.origin);
    expect(second).not.toBe(first);
    expect(await whoHas(first)).toBe(401);
    expect(await whoHas(second)).toBe(users.everywhere.email);
  });

  test.each([
    ['of the right form, signed with nothing', `s%3A${'a'.repeat(43)}.${'b'.repeat(43)}`],
    ['without signature', 's%3Aattacker'],
    ['that is only an id', 'attacker'],
    ['that names a prototype', 's%3A__proto__.constructor'],
    ['that is empty', ''],
  ])('%s, planted before the login, never becomes one', async (_, planted) => {
    const browser = openBrowser();
    browser.plant(harbour.at('/'), `JSESSIONID=${planted}; Path=/`);
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    expect(sessionCookie(browser, harbour.router.origin)).not.toBe(planted);
    expect(await whoHas(planted)).toBe(401);
  });

  test("planted by somebody who has a session of his own does not make the victim's login his", async () => {
    const attacker = openBrowser();
    await logIn(attacker, harbour.at('/quay/'), users.withoutConsent);
    const planted = sessionCookie(attacker, harbour.router.origin);
    const victim = openBrowser();
    victim.plant(harbour.at('/'), `JSESSIONID=${planted}; Path=/`);
    await victim.open(harbour.at('/quay/'));
    const page = await victim.open(harbour.at('/-/login?return_to=/quay/'));
    await victim.press(page, 'user', users.everywhere.email);
    expect(await whoHas(sessionCookie(victim, harbour.router.origin))).toBe(users.everywhere.email);
    expect(await whoHas(planted), "the attacker's id is not the victim's").not.toBe(users.everywhere.email);
  });

  test('is not guessed from its signature: both parts are checked', async () => {
    const browser = openBrowser();
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    const one = decodeURIComponent(sessionCookie(browser, harbour.router.origin) ?? '');
    forgetSession(browser, harbour.router.origin);
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    const other = decodeURIComponent(sessionCookie(browser, harbour.router.origin) ?? '');
    const [id, signature] = [one.slice(0, one.lastIndexOf('.')), other.slice(other.lastIndexOf('.'))];
    expect(await whoHas(encodeURIComponent(one))).toBe(users.everywhere.email);
    expect(await whoHas(encodeURIComponent(id + signature))).toBe(401);
    expect(await whoHas(encodeURIComponent(id))).toBe(401);
  });

  test('has 256 random bits', async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const browser = openBrowser();
      await browser.fetch(harbour.at('/public/'), { headers: { 'x-csrf-token': 'fetch' } });
      const value = decodeURIComponent(sessionCookie(browser, harbour.router.origin) ?? '');
      ids.add(value.slice(2, value.lastIndexOf('.')));
    }
    expect(ids.size).toBe(5);
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32);
  });
});
