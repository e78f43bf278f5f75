import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { openBrowser } from '../support/browser.ts';
import { harbourAt } from '../support/harbour.ts';
import { forgetSession, isCallback, logIn, sessionCookie } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { openRouter, register } from '../support/open-router.ts';

/** Instances behind a load balancer, as on Cloud Foundry: one public address, no sticky routing (design section 6). */
const publicOrigin = 'https://harbour.example';
const secret = 'the same secret on every instance, long enough to be one';

let landscape: Landscape;
let quay: Backend;
beforeAll(async () => {
  landscape = await openLandscape();
  quay = await openBackend();
  register(landscape, publicOrigin);
});

function openInstance(sessionSecret: string | undefined) {
  const secrets = sessionSecret === undefined ? {} : { SESSION_SECRET: sessionSecret };
  return openRouter(harbourAt(quay, { landscape, env: { VCAP_APPLICATION: {}, ...secrets } }));
}

/** A browser whose requests go to whichever instance the balancer is told to use. */
function balancedBrowser(first: string) {
  const front = { origin: first, headers: { 'x-forwarded-proto': 'https' } };
  const sendTo = (origin: string) => {
    front.origin = origin;
  };
  return { browser: openBrowser({ [publicOrigin]: front }), sendTo };
}

describe('a login begun at one instance', () => {
  test('is finished by another one that has the same SESSION_SECRET', async () => {
    const [first, second] = [await openInstance(secret), await openInstance(secret)];
    const { browser, sendTo } = balancedBrowser(first.origin);
    const page = await browser.open(`${publicOrigin}/quay/7?full=1#crane`);
    sendTo(second.origin);
    const landed = await browser.press(page, 'user', users.everywhere.email);
    expect(landed.url.href).toBe(`${publicOrigin}/quay/7?full=1#crane`);
    expect(landed.status).toBe(200);
    expect(quay.last().url).toBe('/quay/7?full=1');
  });

  test('is finished by the same one after a restart', async () => {
    const before = await openInstance(secret);
    const { browser, sendTo } = balancedBrowser(before.origin);
    const page = await browser.open(`${publicOrigin}/quay/8`);
    await before.stop();
    const after = await openInstance(secret);
    sendTo(after.origin);
    const landed = await browser.press(page, 'user', users.everywhere.email);
    expect(landed.url.href).toBe(`${publicOrigin}/quay/8`);
  });

  test.each([
    ['another secret', `${secret}!`],
    ['no secret, and so one of its own', undefined],
  ])('is not finished by one that has %s', async (_, other) => {
    const [first, second] = [await openInstance(secret), await openInstance(other)];
    const { browser, sendTo } = balancedBrowser(first.origin);
    await logIn(browser, `${publicOrigin}/quay/`, users.everywhere);
    forgetSession(browser, publicOrigin);
    const callback = await browser.openUntil(`${publicOrigin}/quay/9`, isCallback);
    sendTo(second.origin);
    const refused = await browser.visit(callback);
    expect(refused.status).toBe(400);
    expect(sessionCookie(browser, publicOrigin)).toBeUndefined();
  });

  test('gives a session that no instance with another secret takes for one', async () => {
    const [first, second] = [await openInstance(secret), await openInstance(undefined)];
    const { browser, sendTo } = balancedBrowser(first.origin);
    await logIn(browser, `${publicOrigin}/quay/`, users.everywhere);
    expect((await browser.fetch(`${publicOrigin}/me/currentUser`)).status).toBe(200);
    sendTo(second.origin);
    expect((await browser.fetch(`${publicOrigin}/me/currentUser`)).status).toBe(401);
  });
});
