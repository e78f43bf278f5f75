import { randomUUID } from 'node:crypto';
import { decodeJwt, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { type LandscapeUser, users } from '../../../demo/landscape/users.ts';
import { ask } from '../support/ask.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** The provider ends sessions here by a signed token (token-flows.md F5, H70, T-38). */
const event = 'http://schemas.openid.net/event/backchannel-logout';
let landscape: Landscape;
let harbour: Harbour;
let browser: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
  const logout = { logoutEndpoint: '/logout', backChannelLogoutEndpoint: '/back-channel' };
  // The id_token is what the backend is shown here, so that its sub and sid can be read.
  harbour = await openHarbour({
    landscape,
    xsApp: { logout, destinations: { quay: { logoutPath: '/bye' } } },
    env: { OIDC_USER_TOKEN: 'id_token' },
  });
});
beforeEach(async () => {
  browser = await loggedIn(users.everywhere);
});

async function loggedIn(user: LandscapeUser): Promise<Browser> {
  const visitor = openBrowser();
  await logIn(visitor, harbour.at('/quay/'), user);
  return visitor;
}

const statusOf = async (visitor: Browser) => (await visitor.fetch(harbour.at('/quay/'))).status;
const idToken = () => decodeJwt(harbour.quay.last().headers.authorization?.replace('Bearer ', '') ?? '');

interface Change {
  readonly header?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: Landscape['keys']['directory'];
}

function logoutToken({ header = {}, claims = {}, key = landscape.keys.directory }: Change = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { issuer, client } = landscape.entra;
  const base = { iss: issuer, aud: client.id, iat: now, exp: now + 120, jti: randomUUID(), events: { [event]: {} } };
  const payload = JSON.parse(JSON.stringify({ ...base, sub: idToken().sub, ...claims })) as JWTPayload;
  const protectedHeader = { alg: 'RS256', typ: 'logout+jwt', kid: landscape.keys.directory.thumbprints.x5t, ...header };
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(key.keys.privateKey);
}

function post(token: string) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams({ logout_token: token }).toString();
  return ask(harbour.router.origin, '/back-channel', { method: 'POST', headers, body });
}

describe('a logout token', () => {
  test('ends all sessions of its user and nobody else’s, and tells the backends', async () => {
    const [elsewhere, other] = [await loggedIn(users.everywhere), await loggedIn(users.withoutConsent)];
    const { sub } = decodeJwt(harbour.quay.received.at(-2)?.headers.authorization?.replace('Bearer ', '') ?? '');
    const token = await logoutToken({ claims: { sub } });
    harbour.quay.forget();
    const { status, headers } = await post(token);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect([await statusOf(browser), await statusOf(elsewhere), await statusOf(other)]).toEqual([401, 401, 200]);
    expect(harbour.quay.received.filter(({ url }) => url === '/bye').length).toBeGreaterThanOrEqual(2);
  });

  test('is believed once', async () => {
    await statusOf(browser);
    const token = await logoutToken();
    expect((await post(token)).status).toBe(200);
    const again = await loggedIn(users.everywhere);
    expect((await post(token)).status).toBe(400);
    expect(await statusOf(again)).toBe(200);
  });

  const wrong: Record<string, () => Promise<string>> = {
    'of another audience': () => logoutToken({ claims: { aud: landscape.entra.otherClient.id } }),
    'of another issuer': () => logoutToken({ claims: { iss: 'https://evil.example' } }),
    'signed with another key': () => logoutToken({ key: landscape.keys.ias }),
    'not signed': async () => new UnsecuredJWT(decodeJwt(await logoutToken())).encode(),
    'with a nonce': () => logoutToken({ claims: { nonce: 'n' } }),
    'without events': () => logoutToken({ claims: { events: undefined } }),
    'of another event': () => logoutToken({ claims: { events: { 'http://example.com/other': {} } } }),
    'without sub and sid': () => logoutToken({ claims: { sub: undefined } }),
    'without jti': () => logoutToken({ claims: { jti: undefined } }),
    'of an hour ago': () => logoutToken({ claims: { iat: Math.floor(Date.now() / 1000) - 3_600 } }),
    'that has expired': () => logoutToken({ claims: { exp: Math.floor(Date.now() / 1000) - 3_600 } }),
    'that is an id_token': async () => harbour.quay.last().headers.authorization?.replace('Bearer ', '') ?? '',
    'that is none': async () => 'nonsense',
  };
  test.each(Object.keys(wrong))('%s is refused with 400, and the session lives on', async (which) => {
    expect(await statusOf(browser)).toBe(200);
    const refused = await post((await wrong[which]?.()) ?? '');
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({ error: 'invalid_request' });
    expect(await statusOf(browser)).toBe(200);
  });
});
