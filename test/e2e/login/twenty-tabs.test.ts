import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { isCallback, isSignIn, logIn, signedInAtProvider } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

let landscape: Landscape;
let harbour: Harbour;
beforeAll(async () => {
  landscape = await openLandscape();
  harbour = await openHarbour({ landscape });
});

const tabs = Array.from({ length: 20 }, (_, tab) => tab);
const link = (tab: number) => harbour.at(`/quay/tab/${tab}?of=${tab}#part-${tab}`);

/** Begins a login in each tab, all before any is finished. @returns where each would come back */
async function beginAll(browser: Browser): Promise<URL[]> {
  return Promise.all(tabs.map((tab) => browser.openUntil(link(tab), isCallback)));
}

describe('twenty tabs of one browser that all need a login at once', () => {
  test.each([
    ['the last first', (all: readonly number[]) => all.toReversed()],
    ['in any order', (all: readonly number[]) => all.toSorted((a, b) => ((a * 7) % 20) - ((b * 7) % 20))],
  ])('each land where they wanted to go, finished %s', async (_, order) => {
    const browser = await signedInAtProvider(harbour.router.origin, users.everywhere);
    const callbacks = await beginAll(browser);
    expect(new Set(callbacks.map((url) => url.searchParams.get('state'))).size).toBe(20);
    for (const tab of order(tabs)) {
      const landed = await browser.open(callbacks[tab] as URL);
      expect(landed.url.href).toBe(link(tab));
      expect(landed.status).toBe(200);
    }
    expect(browser.cookies(harbour.at('/login/callback'))).not.toContain('portunus.');
  });

  test('finish at the same time, and every tab is logged in afterwards', async () => {
    const browser = await signedInAtProvider(harbour.router.origin, users.everywhere);
    const callbacks = await beginAll(browser);
    const landed = await Promise.all(callbacks.map((url) => browser.open(url)));
    expect(landed.map(({ url }) => url.href)).toEqual(tabs.map(link));
    const who = await Promise.all(tabs.map(() => browser.fetch(harbour.at('/me/currentUser'))));
    expect(who.map(({ json }) => json['email'])).toEqual(tabs.map(() => users.everywhere.email));
  });

  test('fit into the headers of one request, long deep links included', async () => {
    const browser = openBrowser();
    const long = 'x'.repeat(1_000);
    for (const tab of tabs) expect(isSignIn(await browser.open(harbour.at(`/quay/${tab}?${long}`)))).toBe(true);
    const landed = await logIn(browser, harbour.at('/quay/last'), users.everywhere);
    expect(landed.status).toBe(200);
    expect(landed.url.href).toBe(harbour.at('/quay/last'));
  });
});
