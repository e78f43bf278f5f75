import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Answer, openBrowser } from '../support/browser.ts';
import { openHarbour } from '../support/harbour.ts';
import { logIn, sessionCookie } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** Which token of a login is handed on (design section 3): what a backend is shown, and claims are read from. */
let landscape: Landscape;
beforeAll(async () => {
  landscape = await openLandscape();
});

const standard = 'openid profile email offline_access';

/** Logs in at a router with these settings. @returns where it ended, and the claims of the token a backend was shown */
async function loginWith(env: object): Promise<{ landed: Answer; claims: Record<string, unknown>; session: boolean }> {
  const { at, quay, router } = await openHarbour({ landscape, env: { ...env } });
  const browser = openBrowser();
  const landed = await logIn(browser, at('/quay/'), users.everywhere);
  const token = quay.received[0]?.headers.authorization?.replace('Bearer ', '');
  const session = sessionCookie(browser, router.origin) !== undefined;
  return { landed, claims: token === undefined ? {} : decodeJwt(token), session };
}

describe('the user token', () => {
  test('is the access token where that is a JWT for us', async () => {
    const { claims } = await loginWith({});
    expect(claims).toMatchObject({ aud: landscape.entra.client.id, scp: expect.stringContaining('access_as_user') });
    expect(claims).not.toHaveProperty('nonce');
  });

  test('is the id_token where the access token is for somebody else (Entra ID: for Graph)', async () => {
    const { claims, landed } = await loginWith({ OIDC_SCOPES: standard });
    expect(landed.status).toBe(200);
    expect(claims).toMatchObject({ aud: landscape.entra.client.id, nonce: expect.any(String) });
    expect(claims).not.toHaveProperty('scp');
  });

  test('is the id_token where the setting says so', async () => {
    const { claims } = await loginWith({ OIDC_USER_TOKEN: 'id_token' });
    expect(claims).toMatchObject({ nonce: expect.any(String) });
  });

  test('is the access token where the setting says so and it is for us', async () => {
    const { claims } = await loginWith({ OIDC_USER_TOKEN: 'access_token' });
    expect(claims).toMatchObject({ scp: expect.stringContaining('access_as_user') });
  });

  test('is none where the setting wants an access token that is for somebody else: no session begins', async () => {
    const { landed, session, claims } = await loginWith({ OIDC_SCOPES: standard, OIDC_USER_TOKEN: 'access_token' });
    expect(landed.status).toBe(401);
    expect(session).toBe(false);
    expect(claims).toEqual({});
  });

  test('never reaches the browser, nor does any other token', async () => {
    const { at, quay } = await openHarbour({ landscape });
    const browser = openBrowser();
    const answers = [await logIn(browser, at('/quay/7'), users.everywhere)];
    for (const path of ['/quay/', '/me/currentUser', '/me/attributes', '/goodbye'])
      answers.push(await browser.fetch(at(path)));
    const [, , signature = 'none'] = quay.received[0]?.headers.authorization?.split('.') ?? [];
    expect(signature.length).toBeGreaterThan(100);
    for (const { text, setCookies, url } of answers) {
      expect(text + setCookies.join()).not.toContain(signature);
      expect(text + setCookies.join(), url.pathname).not.toMatch(/\beyJ[\w-]{20,}\.[\w-]{20,}\./);
    }
  });
});
