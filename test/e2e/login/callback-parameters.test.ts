import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { isCallback, isSignIn, logIn, sessionCookie, signedInAtProvider } from '../support/log-in.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';

let landscape: Landscape;
let harbour: Harbour;
let browser: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
  harbour = await openHarbour({ landscape, env: { STATE_CACHE: '1' } });
  browser = await signedInAtProvider(harbour.router.origin, users.everywhere);
});

/** The query of a good callback: code and state. */
async function goodQuery(): Promise<{ readonly code: string; readonly state: string }> {
  const { searchParams } = await browser.openUntil(harbour.at('/quay/7'), isCallback);
  return { code: searchParams.get('code') ?? '', state: searchParams.get('state') ?? '' };
}

describe('a callback that no provider sends (T-31)', () => {
  const queries: Record<string, (good: { code: string; state: string }) => string> = {
    'without state': ({ code }) => `code=${code}`,
    'with an empty state': ({ code }) => `code=${code}&state=`,
    'with the state twice': ({ code, state }) => `code=${code}&state=${state}&state=${state}`,
    'with two states, the right one last': ({ code, state }) => `code=${code}&state=x&state=${state}`,
    'with the state dressed as an array': ({ code, state }) => `code=${code}&state[]=${state}`,
    'with the state dressed as an object': ({ code, state }) => `code=${code}&state[a]=${state}`,
    'with the code twice': ({ code, state }) => `code=${code}&code=${code}&state=${state}`,
    'with state and nothing else': ({ state }) => `state=${state}`,
    'with an error of its own and no state': () => 'error=access_denied',
    'with the state of a prototype': ({ code }) => `code=${code}&state=__proto__`,
    'with a state that is no escape': ({ code }) => `code=${code}&state=%E0%A4`,
    'with nothing at all': () => '',
  };
  test.each(Object.keys(queries))('%s is refused: 4xx, no session, no code redeemed', async (which) => {
    const good = await goodQuery();
    landscape.calls.clear();
    const refused = await browser.visit(harbour.at(`/login/callback?${queries[which]?.(good)}`));
    expect([400, 401]).toContain(refused.status);
    expect(sessionCookie(browser, harbour.router.origin)).toBeUndefined();
    expect(tokenCalls(landscape, 'authorization_code')).toHaveLength(0);
  });

  test('without the cookie is refused', async () => {
    const { code, state } = await goodQuery();
    const stranger = openBrowser();
    const refused = await stranger.visit(harbour.at(`/login/callback?code=${code}&state=${state}`));
    expect(refused.status).toBe(400);
    expect(sessionCookie(stranger, harbour.router.origin)).toBeUndefined();
  });

  test('by POST is none: 405', async () => {
    const { code, state } = await goodQuery();
    const body = new URLSearchParams({ code, state }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const refused = await browser.visit(harbour.at('/login/callback'), { method: 'POST', headers, body });
    expect(refused.status).toBe(405);
    expect(refused.header('allow')).toContain('GET');
  });
});

describe('a provider that says no', () => {
  test('is believed: the user who pressed Cancel gets a page with a way out, and no session', async () => {
    const user = openBrowser();
    const page = await user.open(harbour.at('/quay/7'));
    const refused = await user.press(page, 'cancel', 'yes');
    expect(refused.url.pathname).toBe('/login/callback');
    expect([400, 401, 403]).toContain(refused.status);
    expect(refused.header('content-type')).toContain('text/html');
    expect(refused.text).toContain('access_denied');
    expect(refused.text, 'what to do about it').toMatch(/log in again/i);
    expect(refused.text, 'and where').toContain(
      '<a href="/-/login?return_to=%2Fquay%2F7&amp;provider=oidc">Log in</a>',
    );
    expect(sessionCookie(user, harbour.router.origin)).toBeUndefined();
    const landed = await logIn(user, harbour.at('/quay/7'), users.everywhere);
    expect(landed.url.href, 'and another try works').toBe(harbour.at('/quay/7'));
  });

  test('cannot put its own words on our page', async () => {
    const { state } = await goodQuery();
    const words = '<b>Your account is locked, call 555</b>';
    const query = new URLSearchParams({ state, error: words, error_description: words });
    const refused = await browser.visit(harbour.at(`/login/callback?${query}`));
    expect([400, 401, 403]).toContain(refused.status);
    expect(refused.text).not.toContain('555');
  });
});

describe('a login that takes longer than STATE_CACHE', () => {
  test('is refused with 401, and the user learns that it took too long and how to begin again', async () => {
    const user = openBrowser();
    const page = await user.open(harbour.at('/quay/7?full=1'));
    expect(isSignIn(page)).toBe(true);
    await new Promise((over) => setTimeout(over, 1_100));
    const late = await user.press(page, 'user', users.everywhere.email);
    expect(late.status).toBe(401);
    expect(late.text).toMatch(/too long/i);
    expect(sessionCookie(user, harbour.router.origin)).toBeUndefined();
    const link = /<a href="([^"]+)"/.exec(late.text)?.[1];
    expect(link, 'a link that begins again').toBeDefined();
    const landed = await user.open(new URL((link ?? '').replaceAll('&amp;', '&'), late.url));
    expect(landed.url.href).toBe(harbour.at('/quay/7?full=1'));
  });
});
