import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { openBrowser } from '../support/browser.ts';
import { openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

let landscape: Landscape;
beforeAll(async () => {
  landscape = await openLandscape();
});

const sleep = (milliseconds: number) => new Promise((over) => setTimeout(over, milliseconds));

describe.concurrent('a session of a second or so (SESSION_TIMEOUT=0.02 minutes)', () => {
  test('lives on while it is used, ends when it is not, and its backends are told so', async () => {
    const destinations = { quay: { logoutPath: '/bye', logoutMethod: 'PUT' } };
    const { at, quay } = await openHarbour({ landscape, xsApp: { destinations }, env: { SESSION_TIMEOUT: '0.02' } });
    const browser = openBrowser();
    await logIn(browser, at('/quay/'), users.everywhere);
    for (let i = 0; i < 2; i++) {
      await sleep(600);
      expect((await browser.fetch(at('/me/currentUser'))).status).toBe(200);
    }
    quay.forget();
    const told = () => quay.received.map(({ method, url }) => `${method} ${url}`);
    await vi.waitFor(() => expect(told()).toEqual(['PUT /bye']), { timeout: 5_000 }); // outside any request
    expect(quay.last().headers.cookie, 'our own session cookie is nobody else’s').toBeUndefined();
    const late = await browser.fetch(at('/me/currentUser'));
    expect(late.status).toBe(401);
    const landed = await logIn(browser, at('/quay/again'), users.everywhere);
    expect(landed.status).toBe(200);
  });

  test('stands over the sessionTimeout of xs-app.json', async () => {
    const { at } = await openHarbour({ landscape, xsApp: { sessionTimeout: 30 }, env: { SESSION_TIMEOUT: '0.01' } });
    const browser = openBrowser();
    await logIn(browser, at('/quay/'), users.everywhere);
    expect((await browser.fetch(at('/quay/'))).status).toBe(200);
    await sleep(700);
    expect((await browser.fetch(at('/quay/'))).status).toBe(401);
  });
});
