import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** One browser, one person after the other: nothing of the first is the second one's (T-32). */
let landscape: Landscape;
let harbour: Harbour;
beforeAll(async () => {
  landscape = await openLandscape();
  harbour = await openHarbour({ landscape });
});

const csrfToken = async (browser: Browser) =>
  (await browser.fetch(harbour.at('/quay/'), { headers: { 'x-csrf-token': 'fetch' } })).header('x-csrf-token') ?? '';
const post = (browser: Browser, token: string) =>
  browser.fetch(harbour.at('/quay/'), { method: 'POST', headers: { 'x-csrf-token': token } });

/** Signs somebody else in, in a browser whose provider still knows the one before. */
async function logInInstead(browser: Browser, user: (typeof users)['everywhere']): Promise<void> {
  browser.plant(landscape.entra.origin, 'entra_session=; Path=/; Max-Age=0');
  await logIn(browser, harbour.at('/-/login?return_to=/quay/'), user);
}

describe('a login by another user in the same browser', () => {
  test("starts anew: the backends' cookies of the first are not sent for the second", async () => {
    const browser = openBrowser();
    harbour.quay.answerWith((_, response) => void response.setHeader('set-cookie', 'basket=maras; Path=/').end());
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    harbour.quay.answerWith(undefined);
    await browser.fetch(harbour.at('/quay/'));
    expect(harbour.quay.last().headers.cookie).toContain('basket=maras');
    await logInInstead(browser, users.withoutEmployeeRecord);
    const who = await browser.fetch(harbour.at('/me/currentUser'));
    expect(who.json['email']).toBe(users.withoutEmployeeRecord.email);
    await browser.fetch(harbour.at('/quay/'));
    expect(harbour.quay.last().headers.cookie ?? '').not.toContain('basket');
  });

  test('has a CSRF token of its own; that of the first is worth nothing', async () => {
    const browser = openBrowser();
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    const first = await csrfToken(browser);
    expect((await post(browser, first)).status).toBe(200);
    await logInInstead(browser, users.withoutEmployeeRecord);
    expect((await post(browser, first)).status).toBe(403);
    expect((await post(browser, await csrfToken(browser))).status).toBe(200);
  });

  test('makes a CSRF token from before the login worthless, too', async () => {
    const browser = openBrowser();
    const answer = await browser.fetch(harbour.at('/public/'), { headers: { 'x-csrf-token': 'fetch' } });
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    expect((await post(browser, answer.header('x-csrf-token') ?? '')).status).toBe(403);
  });

  test('by the same user again goes on where she was: her cookies and her open pages stay good', async () => {
    const browser = openBrowser();
    harbour.quay.answerWith((_, response) => void response.setHeader('set-cookie', 'basket=maras; Path=/').end());
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    harbour.quay.answerWith(undefined);
    const token = await csrfToken(browser);
    await logIn(browser, harbour.at('/-/login?return_to=/quay/'), users.everywhere);
    expect((await post(browser, token)).status).toBe(200);
    expect(harbour.quay.last().headers.cookie).toContain('basket=maras');
  });
});
