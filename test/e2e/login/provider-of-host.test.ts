import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { isSignIn, logIn, sessionCookie } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { loginAt, openRouter, type Router, register } from '../support/open-router.ts';
import { openWebSocketBackend } from '../support/open-web-socket-backend.ts';
import { upgrade } from '../support/upgrade.ts';

/**
 * One router at two public addresses: employees log in at the one, partners at the other, each at a provider of their own.
 * Users of both have the same names and ids.
 */
const harbour = 'https://harbour.example';
const pier = 'https://pier.partners.example';
let employees: Landscape;
let partners: Landscape;
let quay: Backend;
let router: Router;
beforeAll(async () => {
  const chat = await openWebSocketBackend();
  [employees, quay] = await Promise.all([openLandscape(), openBackend()]);
  partners = await openLandscape({ keys: employees.keys });
  router = await openRouter({
    landscape: employees,
    files: { 'identity-providers.json': [{ name: 'partners', ...loginAt(partners) }] },
    xsApp: {
      websockets: { enabled: true },
      logout: { logoutEndpoint: '/logout', logoutPage: '/goodbye' },
      routes: [
        { source: '^/goodbye', destination: 'quay', authenticationType: 'none' },
        { source: '^/chat', destination: 'chat', csrfProtection: false },
        { source: '^/quay/', destination: 'quay' },
        { source: '^/me/', target: '/', service: 'sap-approuter-userapi' },
      ],
    },
    env: {
      VCAP_APPLICATION: {},
      PORTUNUS_PROVIDER_OF_HOST: { '*.partners.example': 'partners' },
      destinations: [
        { name: 'quay', url: quay.origin, forwardAuthToken: true },
        { name: 'chat', url: chat.origin },
      ],
    },
  });
  register(employees, harbour);
  register(partners, pier);
});

const fronted = (): Browser => {
  const front = { origin: router.origin, headers: { 'x-forwarded-proto': 'https' } };
  return openBrowser({ [harbour]: front, [pier]: front });
};
/** Who issued the token that a backend is shown. */
async function issuerShown(browser: Browser, origin: string): Promise<string | undefined> {
  quay.forget();
  expect((await browser.fetch(`${origin}/quay/`)).status).toBe(200);
  return decodeJwt(quay.last().headers.authorization?.replace('Bearer ', '') ?? '').iss;
}

describe('two hosts, a provider each (PORTUNUS_PROVIDER_OF_HOST)', () => {
  test('one browser is logged in at both, as whom each provider knows; a logout ends the one', async () => {
    const browser = fronted();
    const atHarbour = await logIn(browser, `${harbour}/quay/deep?link=1`, users.everywhere);
    expect([atHarbour.url.href, atHarbour.status]).toEqual([`${harbour}/quay/deep?link=1`, 200]);
    const asked = await browser.open(`${pier}/quay/deep?link=2`);
    expect([isSignIn(asked), asked.url.origin]).toEqual([true, partners.entra.origin]);
    const atPier = await browser.press(asked, 'user', users.withoutConsent.email);
    expect([atPier.url.href, atPier.status]).toEqual([`${pier}/quay/deep?link=2`, 200]);
    expect(await issuerShown(browser, harbour)).toBe(employees.entra.issuer);
    expect(await issuerShown(browser, pier)).toBe(partners.entra.issuer);
    expect((await browser.fetch(`${harbour}/me/currentUser`)).json['email']).toBe(users.everywhere.email);
    expect((await browser.fetch(`${pier}/me/currentUser`)).json['email']).toBe(users.withoutConsent.email);

    const gone = new URL((await browser.visit(`${pier}/logout`)).header('location') ?? '');
    expect(gone.origin + gone.pathname).toBe(partners.entra.logoutUrl);
    expect(gone.searchParams.get('post_logout_redirect_uri')).toBe(`${pier}/goodbye`);
    expect((await browser.fetch(`${pier}/me/currentUser`)).status).toBe(401);
    expect((await browser.fetch(`${harbour}/me/currentUser`)).status).toBe(200);
  });

  test('a session of the one, brought to the other, is no login there, for a WebSocket neither', async () => {
    const browser = fronted();
    await logIn(browser, `${harbour}/quay/`, users.everywhere);
    await logIn(browser, `${pier}/quay/`, users.everywhere);
    const cookies = { harbour: browser.cookies(harbour), pier: browser.cookies(pier) };
    const upgradeAt = async (origin: string, cookie: string) => {
      const headers = { host: new URL(origin).host, origin, 'x-forwarded-proto': 'https', cookie };
      const { status, tunnel } = await upgrade(router.origin, '/chat', headers);
      tunnel?.socket.destroy();
      return status;
    };
    expect(await upgradeAt(harbour, cookies.harbour)).toBe(101);
    expect(await upgradeAt(pier, cookies.pier)).toBe(101);
    expect(await upgradeAt(pier, cookies.harbour)).toBe(403);
    expect(await upgradeAt(harbour, cookies.pier)).toBe(403);

    const thief = fronted();
    thief.plant(pier, `JSESSIONID=${sessionCookie(browser, harbour)}; Path=/`);
    expect((await thief.fetch(`${pier}/-/session`)).json['provider']).toBe('oidc');
    quay.forget();
    const refused = await thief.fetch(`${pier}/quay/`);
    expect([refused.status, refused.json['loginUrl']]).toEqual([401, '/-/login?return_to=%2F&provider=partners']);
    expect((await thief.open(`${pier}/quay/`)).url.origin).toBe(partners.entra.origin);
    expect(quay.received).toEqual([]);
  });
});
