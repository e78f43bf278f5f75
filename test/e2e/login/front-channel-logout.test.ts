import { decodeJwt } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** The provider's logout page frames one page of each application (token-flows.md F6). */
let landscape: Landscape;
let harbour: Harbour;
let strict: Harbour;
let browser: Browser;
let claims: { iss: string; sid: string };
beforeAll(async () => {
  landscape = await openLandscape();
  // The id_token is what the backend is shown here, so that its iss and sid can be read.
  const env = { OIDC_USER_TOKEN: 'id_token', httpHeaders: [{ 'Content-Security-Policy': "frame-ancestors 'self'" }] };
  harbour = await openHarbour({ landscape, env });
  const logout = { logoutEndpoint: '/logout', logoutMethod: 'POST' };
  strict = await openHarbour({ landscape, env, xsApp: { logout } });
});
beforeEach(async () => {
  browser = await loggedIn(harbour);
  claims = decodeJwt(harbour.quay.last().headers.authorization?.replace('Bearer ', '') ?? '') as typeof claims;
});

async function loggedIn({ at }: Harbour): Promise<Browser> {
  const visitor = openBrowser();
  await logIn(visitor, at('/quay/'), users.everywhere);
  return visitor;
}

const frame = (query: Record<string, string> | string, at = harbour.at) =>
  at(`/-/front-channel-logout?${new URLSearchParams(query)}`);
const statusOf = async (visitor: Browser, { at } = harbour) => (await visitor.fetch(at('/quay/'))).status;

describe('a frame of the provider', () => {
  test('ends the session it names, without any cookie, and no other', async () => {
    const other = await loggedIn(harbour);
    expect(claims.sid, 'the provider names sessions').toBeDefined();
    const answer = await openBrowser().visit(frame({ iss: claims.iss, sid: claims.sid }));
    expect(answer.status).toBe(200);
    expect([await statusOf(browser), await statusOf(other)]).toEqual([401, 200]);
  });

  test('may frame this page, and no browser keeps it', async () => {
    const { header } = await openBrowser().visit(frame({ iss: claims.iss, sid: claims.sid }));
    expect(header('x-frame-options')).not.toMatch(/deny|sameorigin/i);
    expect(header('content-security-policy')).toContain('frame-ancestors *');
    expect(header('cache-control')).toContain('no-store');
    expect((await browser.visit(harbour.at('/public/'))).header('content-security-policy')).not.toContain(
      'ancestors *',
    );
  });

  test.each<[string, () => Record<string, string> | string]>([
    ['another issuer', () => ({ iss: 'https://evil.example', sid: claims.sid })],
    ['no issuer', () => ({ sid: claims.sid })],
    ['no sid', () => ({ iss: claims.iss })],
    ['two sids', () => `iss=${encodeURIComponent(claims.iss)}&sid=${claims.sid}&sid=x`],
  ])('that names %s is refused, and the session lives on', async (_, query) => {
    expect((await browser.visit(frame(query()))).status).toBe(400);
    expect(await statusOf(browser)).toBe(200);
  });

  test('that names a session nobody has ends none', async () => {
    expect((await browser.visit(frame({ iss: claims.iss, sid: 'unknown' }))).status).toBe(200);
    expect(await statusOf(browser)).toBe(200);
  });

  test('that names none ends the one of the cookie, where a link may log out; elsewhere it is refused', async () => {
    expect((await browser.visit(frame(''))).status).toBe(200);
    expect(await statusOf(browser)).toBe(401);
    const careful = await loggedIn(strict);
    expect((await careful.visit(frame('', strict.at))).status).toBe(400);
    expect(await statusOf(careful, strict)).toBe(200);
  });

  test('asked by HEAD ends nothing', async () => {
    await browser.visit(frame({ iss: claims.iss, sid: claims.sid }), { method: 'HEAD' });
    expect(await statusOf(browser)).toBe(200);
  });
});
