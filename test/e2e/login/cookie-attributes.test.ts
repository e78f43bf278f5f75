import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Answer, openBrowser } from '../support/browser.ts';
import { openHarbour } from '../support/harbour.ts';
import { isCallback } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { register } from '../support/open-router.ts';

const publicOrigin = 'https://harbour.example';
const agent = { 'user-agent': 'Mozilla/5.0 Chrome/130' };
let landscape: Landscape;
beforeAll(async () => {
  landscape = await openLandscape();
  register(landscape, publicOrigin);
});

type Attributes = readonly string[];

/** Attributes of the cookies of a login, in lower case and sorted, those that hold a time by their names only. */
interface LoginCookies {
  readonly attempt: Attributes;
  readonly session: Attributes;
  readonly page: string;
  /** How the callback ended it. */
  readonly end: Answer;
}

/** Logs in at an address, whose requests go to the router with `headers`, and looks at the cookies on the way. */
async function loginCookies(env: object, origin?: string, headers: Record<string, string> = {}): Promise<LoginCookies> {
  const { router } = await openHarbour({ landscape, env: { ...env } });
  const front = { origin: router.origin, headers: { ...agent, ...headers } };
  const browser = openBrowser(origin === undefined ? {} : { [origin]: front });
  const start = `${origin ?? router.origin}/quay/`;
  const begun = await browser.visit(start);
  const page = await browser.open(start);
  const signedIn = await browser.visit(page.url); // the sign-in page, without what follows
  const action = /<form method="post" action="([^"]+)"/.exec(signedIn.text)?.[1] ?? '';
  const body = new URLSearchParams({ user: users.everywhere.email }).toString();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  let answer = await browser.visit(new URL(action, page.url), { method: 'POST', headers: form, body });
  while (!isCallback(answer.url)) answer = await browser.visit(new URL(answer.header('location') ?? '', answer.url));
  return {
    attempt: attributes(begun, /^portunus\.login\./),
    session: attributes(answer, /^JSESSIONID=s/),
    page: begun.text,
    end: answer,
  };
}

function attributes({ setCookies }: Answer, name: RegExp): Attributes {
  const lines = setCookies.filter((line) => name.test(line));
  expect(lines).toHaveLength(1);
  const [, ...rest] = (lines[0] ?? '').split(';').map((part) => part.trim().toLowerCase());
  return rest.map((part) => part.replace(/^(max-age|expires)=.*/, '$1')).sort();
}

const attempt = ['expires', 'httponly', 'max-age', 'path=/login/callback'];
const session = ['httponly', 'path=/'];
const proto = { 'x-forwarded-proto': 'https' };
const cloudFoundry = { VCAP_APPLICATION: {} };

describe('cookies of a login', () => {
  test('over plain http are HttpOnly, Lax, not Secure; that of the session has no end of its own', async () => {
    const cookies = await loginCookies({});
    expect(cookies.attempt).toEqual([...attempt, 'samesite=lax']);
    expect(cookies.session).toEqual([...session, 'samesite=lax']);
  });

  test('are Secure behind a front that is trusted and says https, the one of the script too', async () => {
    const cookies = await loginCookies(cloudFoundry, publicOrigin, proto);
    expect(cookies.attempt).toEqual([...attempt, 'samesite=lax', 'secure']);
    expect(cookies.session).toEqual([...session, 'samesite=lax', 'secure']);
    expect(cookies.page).toMatch(/;samesite=lax;secure"/);
  });

  test('are not, nor is the redirect URI https, when anybody says so (T-11)', async () => {
    const { router } = await openHarbour({ landscape });
    const begun = await openBrowser({
      [publicOrigin]: { origin: router.origin, headers: { ...agent, ...proto } },
    }).visit(`${publicOrigin}/quay/`);
    expect(attributes(begun, /^portunus\.login\./)).toEqual([...attempt, 'samesite=lax']);
    expect(begun.text).toContain(encodeURIComponent('http://harbour.example/login/callback'));
    expect(begun.text).not.toContain(encodeURIComponent('https://harbour.example/'));
  });

  test('have SameSite=None where COOKIES says so', async () => {
    const cookies = await loginCookies({ ...cloudFoundry, COOKIES: { SameSite: 'None' } }, publicOrigin, proto);
    expect(cookies.attempt).toEqual([...attempt, 'samesite=none', 'secure']);
    expect(cookies.session).toEqual([...session, 'samesite=none', 'secure']);
  });

  test('have SameSite=Strict, but for that of the attempt, which must survive the way back', async () => {
    const cookies = await loginCookies({ ...cloudFoundry, COOKIES: { SameSite: 'Strict' } }, publicOrigin, proto);
    expect(cookies.attempt).toEqual([...attempt, 'samesite=lax', 'secure']);
    expect(cookies.session).toEqual([...session, 'samesite=strict', 'secure']);
  });

  test.each([
    ['Lax', 'cross-site', 302],
    ['Strict', 'same-site', 302],
    ['Strict', 'cross-site', 200],
  ])(
    'that are %s are there where the login leads, to which a browser on a %s way goes on by %i',
    async (SameSite, site, status) => {
      const way = { ...proto, 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
      const { end } = await loginCookies({ ...cloudFoundry, COOKIES: { SameSite } }, publicOrigin, way);
      expect(end.status).toBe(status);
      // RFC 6265bis 5.2: a redirect is a request of the site that the way began at, which no Strict cookie goes along with.
      if (status === 200) expect(end.text).toContain('<meta http-equiv="refresh" content="0;url=/quay/">');
      else expect(end.header('location')).toBe('/quay/');
      expect(end.header('cache-control')).toContain('no-store');
    },
  );

  test.each([
    ['Chrome/1[12]\\d', 'partitioned'],
    ['Chrome/1[34]\\d', undefined],
  ])(
    'are Partitioned for agents that support it, and the second expression wins: %s',
    async (unsupported, expected) => {
      const Partitioned = { supportedPartitionAgents: 'Chrome/\\d+', unsupportedPartitionAgents: unsupported };
      const env = { ...cloudFoundry, COOKIES: { SameSite: 'None', Partitioned } };
      const cookies = await loginCookies(env, publicOrigin, proto);
      expect(cookies.session.includes('partitioned')).toBe(expected !== undefined);
      expect(cookies.attempt.includes('partitioned')).toBe(expected !== undefined);
    },
  );

  test('have the name that SESSION_COOKIE_NAME gives the session', async () => {
    const { at } = await openHarbour({ landscape, env: { SESSION_COOKIE_NAME: 'HARBOUR' } });
    const browser = openBrowser();
    const page = await browser.open(at('/quay/'));
    await browser.press(page, 'user', users.everywhere.email);
    expect(browser.cookie(at('/'), 'HARBOUR')).toBeDefined();
    expect((await browser.fetch(at('/quay/'))).status, 'and the session is found (xs-app.md 13.1 #19)').toBe(200);
  });
});
