import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Browser, openBrowser } from '../support/browser.ts';
import { sessionCookie } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { openXsuaa, type TokenChange, type Xsuaa } from '../support/open-xsuaa.ts';

let xsuaa: Xsuaa;
let quay: Backend;
let router: Router;
let browser: Browser;
beforeAll(async () => {
  [xsuaa, quay] = await Promise.all([openXsuaa(), openBackend()]);
  const to = { destination: 'quay' };
  router = await openRouter({
    xsApp: {
      logout: { logoutEndpoint: '/logout', logoutPage: '/goodbye' },
      routes: [
        { source: '^/goodbye', ...to, authenticationType: 'none' },
        { source: '^/pilots/', ...to, scope: '$XSAPPNAME.Pilot' },
        { source: '^/masters/', ...to, scope: ['$XSAPPNAME.Master', 'harbour!t7.Owner'] },
        { source: '^/partner/', ...to, identityProvider: 'partner-idp' },
        { source: '^/quay/', ...to },
        { source: '^/me/', target: '/', service: 'sap-approuter-userapi' },
      ],
    },
    env: {
      VCAP_SERVICES: xsuaa.binding,
      SESSION_TIMEOUT: '6000',
      destinations: [{ name: 'quay', url: quay.origin, forwardAuthToken: true }],
    },
  });
});
beforeEach(() => {
  browser = openBrowser();
  xsuaa.change = {};
  quay.forget();
});

describe('a login at an XSUAA', () => {
  test('brings the user where it should, with the token and the scopes of the XSUAA', async () => {
    const landed = await browser.open(`${router.origin}/pilots/7?full=1#crane`);
    expect([landed.url.href, landed.status]).toEqual([`${router.origin}/pilots/7?full=1#crane`, 200]);
    expect(quay.last().headers['authorization']).toMatch(/^Bearer ey/);
    expect(quay.last().headers['tenantid']).toBe('harbour-zone');
    expect((await browser.fetch(`${router.origin}/masters/`)).status).toBe(403);
    const { json } = await browser.fetch(`${router.origin}/me/currentUser`);
    expect(json).toMatchObject({ name: 'mara.lindqvist@example.com', scopes: ['openid', 'harbour!t7.Pilot'] });
    expect(xsuaa.tokenRequests.at(-1)).toMatchObject({ code_verifier: expect.stringMatching(/^[\w-]{43,128}$/) });
    expect(xsuaa.authorizeRequests.at(-1)?.get('state')).toBeTruthy();
  });

  test("hands the route's identity provider on", async () => {
    await browser.open(`${router.origin}/partner/`);
    expect(xsuaa.authorizeRequests.at(-1)?.get('idp')).toBe('partner-idp');
  });

  test('ends at its logout.do, with the page and the parameters of the call', async () => {
    await browser.open(`${router.origin}/quay/`);
    const gone = await browser.visit(`${router.origin}/logout?port=9`);
    const page = encodeURIComponent(`${router.origin}/goodbye?port=9`);
    expect(gone.header('location')).toBe(`${xsuaa.origin}/logout.do?redirect=${page}&client_id=sb-harbour!t7`);
    expect((await browser.fetch(`${router.origin}/quay/`)).status).toBe(401);
  });

  test('is renewed with its refresh token, scopes as they are then', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      await browser.open(`${router.origin}/pilots/`);
      vi.advanceTimersByTime(43_199_000 - 60_000);
      xsuaa.user = { ...xsuaa.user, scopes: ['openid', 'harbour!t7.Owner'] };
      expect((await browser.fetch(`${router.origin}/masters/`)).status).toBe(200);
      expect((await browser.fetch(`${router.origin}/pilots/`)).status).toBe(403);
      expect(xsuaa.tokenRequests.at(-1)?.['grant_type']).toBe('refresh_token');
    } finally {
      vi.useRealTimers();
    }
  });

  test('is not renewed into the login of somebody else', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      await browser.open(`${router.origin}/quay/`);
      vi.advanceTimersByTime(43_199_000 - 60_000);
      xsuaa.change = { claims: { sub: 'somebody else', user_name: 'eve@example.com' } };
      const { json } = await browser.fetch(`${router.origin}/me/currentUser`);
      expect(json['name'], 'the login that was lives on to its end').toBe(xsuaa.user.name);
      vi.advanceTimersByTime(120_000);
      expect((await browser.fetch(`${router.origin}/me/currentUser`)).status).toBe(401);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a token of the XSUAA', () => {
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const past = Math.floor(Date.now() / 1000) - 3_600;
  const changes: Record<string, TokenChange> = {
    'signed with a foreign key': {
      sign: (claims, header) => new SignJWT(claims).setProtectedHeader(header).sign(foreign),
    },
    'not signed at all': { sign: async (claims) => new UnsecuredJWT(claims).encode() },
    'signed with the public key as HMAC secret': {
      sign: async (claims, header) => {
        const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
        const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
        return `${input}.${createHmac('sha256', xsuaa.publicKeyPem).update(input).digest('base64url')}`;
      },
    },
    'cut in its signature': {
      sign: async (claims, header) => {
        const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
        const input = `${encode(header)}.${encode(claims)}`;
        return `${input}.${createSign('sha256').update(input).sign(foreign).subarray(0, 200).toString('base64url')}`;
      },
    },
    'for another client': { claims: { aud: ['sb-other!t8', 'other!t8'], cid: 'sb-other!t8' } },
    'for a client whose name begins like ours': {
      claims: { aud: ['sb-harbour!t77', 'harbour!t77.x'], cid: 'sb-harbour!t77' },
    },
    'without audience, of another client': { claims: { aud: [], cid: 'sb-other!t8' } },
    'that has expired': { claims: { exp: past } },
    'that is not valid yet': { claims: { nbf: past + 7_200 } },
  };
  test.each(Object.keys(changes))('%s makes no session', async (which) => {
    xsuaa.change = changes[which] ?? {};
    const refused = await browser.open(`${router.origin}/quay/`);
    expect(refused.url.pathname).toBe('/login/callback');
    expect(refused.status).toBe(401);
    expect(sessionCookie(browser, router.origin)).toBeUndefined();
    expect(quay.received).toHaveLength(0);
  });

  test('that points to keys elsewhere is refused, and nobody goes there (token-flows.md H68)', async () => {
    const evil = await openBackend();
    const sign = changes['signed with a foreign key']?.sign;
    xsuaa.change = { header: { jku: `${evil.origin}/token_keys` }, ...(sign ? { sign } : {}) };
    expect((await browser.open(`${router.origin}/quay/`)).status).toBe(401);
    expect(evil.received).toHaveLength(0);
  });
});
