import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { isSignIn, logIn, sessionCookie } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

let landscape: Landscape;
let byGet: Harbour;
let byPost: Harbour;
let browser: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
  byGet = await openHarbour({ landscape, xsApp: { destinations: { quay: { logoutPath: '/bye' } } } });
  const logout = { logoutEndpoint: '/logout', logoutPage: '/goodbye', logoutMethod: 'POST' };
  byPost = await openHarbour({ landscape, xsApp: { logout } });
});
beforeEach(() => {
  browser = openBrowser();
});

/** A request with a cookie that somebody kept. */
function asBefore(cookie: string | undefined, url: string) {
  const other = openBrowser();
  other.plant(url, `JSESSIONID=${cookie}; Path=/`);
  return other.fetch(url);
}

describe('a logout by GET (xs-app.md 6.7)', () => {
  test('ends the session here and at the provider, and leads to the registered page', async () => {
    await logIn(browser, byGet.at('/quay/'), users.everywhere);
    const kept = sessionCookie(browser, byGet.router.origin);
    const gone = await browser.visit(byGet.at('/logout'));
    expect([302, 303]).toContain(gone.status);
    const location = new URL(gone.header('location') ?? '');
    expect(location.origin + location.pathname).toBe(landscape.entra.logoutUrl);
    expect(location.searchParams.get('post_logout_redirect_uri')).toBe(byGet.at('/goodbye'));
    expect(location.searchParams.get('id_token_hint')?.split('.')).toHaveLength(3);
    expect(gone.setCookies.find((line) => line.startsWith('JSESSIONID=;'))).toMatch(/Expires=Thu, 01 Jan 1970/);
    expect(gone.header('cache-control')).toContain('no-store');
    const goodbye = await browser.open(location);
    expect(goodbye.url.href).toBe(byGet.at('/goodbye'));
    expect(goodbye.status).toBe(200);
    expect(sessionCookie(browser, byGet.router.origin)).toBeUndefined();
    expect((await asBefore(kept, byGet.at('/me/currentUser'))).status, 'the old cookie is dead (T-35)').toBe(401);
    expect(isSignIn(await browser.open(byGet.at('/quay/'))), 'and the provider asks again').toBe(true);
  });

  test('tells the backends, with the kept cookies and the token, and never with our session', async () => {
    byGet.quay.answerWith((_, response) => void response.setHeader('set-cookie', 'ship=Argo; Path=/').end());
    await logIn(browser, byGet.at('/quay/'), users.everywhere);
    byGet.quay.answerWith(undefined);
    byGet.quay.forget();
    await browser.visit(byGet.at('/logout'));
    expect(byGet.quay.received).toHaveLength(1);
    const { method, url, headers } = byGet.quay.last();
    expect(`${method} ${url}`).toBe('POST /bye');
    expect(headers).toMatchObject({ 'content-length': '0', 'x-forwarded-path': '/logout' });
    expect(headers.cookie?.split('; ')).toContain('ship=Argo');
    expect(headers.cookie).not.toContain('JSESSIONID');
    expect(headers.authorization).toMatch(/^Bearer ey/);
  });

  test('works though a backend fails', async () => {
    await logIn(browser, byGet.at('/quay/'), users.everywhere);
    byGet.quay.answerWith((request) => void request.socket.destroy());
    expect((await browser.visit(byGet.at('/logout'))).status).toBe(302);
    byGet.quay.answerWith(undefined);
    expect((await browser.fetch(byGet.at('/me/currentUser'))).status).toBe(401);
  });

  test('that the provider began ends the session without a redirect (skip-redirect)', async () => {
    await logIn(browser, byGet.at('/quay/'), users.everywhere);
    const ended = await browser.visit(byGet.at('/logout?skip-redirect=true'));
    expect(ended.status).toBe(200);
    expect(ended.header('location')).toBeUndefined();
    expect((await browser.fetch(byGet.at('/me/currentUser'))).status).toBe(401);
  });

  test('without a session goes on to the provider all the same', async () => {
    const gone = await browser.visit(byGet.at('/logout'));
    expect(gone.header('location')).toContain(landscape.entra.logoutUrl);
  });

  test('of one browser leaves the same user logged in in another', async () => {
    const other = openBrowser();
    await logIn(browser, byGet.at('/quay/'), users.everywhere);
    await logIn(other, byGet.at('/quay/'), users.everywhere);
    await browser.open(byGet.at('/logout'));
    expect((await other.fetch(byGet.at('/quay/'))).status).toBe(200);
  });
});

describe('a logout by POST', () => {
  test('needs the CSRF token of this session', async () => {
    await logIn(browser, byPost.at('/quay/'), users.everywhere);
    const other = openBrowser();
    await logIn(other, byPost.at('/quay/'), users.withoutConsent);
    const fetched = await other.fetch(byPost.at('/logout'), { headers: { 'x-csrf-token': 'fetch' } });
    for (const token of [undefined, 'fetch', 'wrong', fetched.header('x-csrf-token')]) {
      const headers = token === undefined ? {} : { 'x-csrf-token': token };
      const refused = await browser.fetch(byPost.at('/logout'), { method: 'POST', headers });
      expect(refused.status).toBe(403);
      expect(refused.header('x-csrf-token')).toBe('Required');
    }
    expect((await browser.fetch(byPost.at('/quay/'))).status).toBe(200);
  });

  test('answers where the script should go: the provider, and from there the page', async () => {
    await logIn(browser, byPost.at('/quay/'), users.everywhere);
    const kept = sessionCookie(browser, byPost.router.origin);
    const fetched = await browser.fetch(byPost.at('/logout'), { headers: { 'x-csrf-token': 'Fetch' } });
    expect([fetched.status, fetched.text]).toEqual([200, '']);
    const headers = { 'x-csrf-token': fetched.header('x-csrf-token') ?? '' };
    const ended = await browser.fetch(byPost.at('/logout'), { method: 'POST', headers });
    expect([ended.status, ended.header('content-type')?.split(';')[0]]).toEqual([200, 'text/html']);
    expect((await browser.open(ended.text)).url.href).toBe(byPost.at('/goodbye'));
    expect((await asBefore(kept, byPost.at('/quay/'))).status).toBe(401);
  });

  test('is not done by a link: GET is 405 with Allow', async () => {
    await logIn(browser, byPost.at('/quay/'), users.everywhere);
    const refused = await browser.visit(byPost.at('/logout'));
    expect([refused.status, refused.header('allow')]).toEqual([405, 'POST']);
    expect((await browser.fetch(byPost.at('/quay/'))).status).toBe(200);
  });
});
