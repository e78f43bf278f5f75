import { createServer } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { close, listen } from '../../../demo/landscape/http/listen.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { openBrowser } from '../support/browser.ts';
import { openHarbour } from '../support/harbour.ts';
import { logIn, sessionCookie } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { register } from '../support/open-router.ts';

/** A provider that is down or does not accept us: nobody gets in, nothing breaks, and the page says whose turn it is. */
let port: number;
let issuer: string;
let landscape: Landscape;
beforeAll(async () => {
  const placeholder = createServer();
  port = await listen(placeholder);
  await close(placeholder);
  landscape = await openLandscape();
  issuer = `http://localhost:${port}/${landscape.entra.tenant}/v2.0`;
});

describe('a provider that is down', () => {
  test('does not keep the router from starting, and is found when it is back', async () => {
    const { at, router } = await openHarbour({ landscape, env: { OIDC_ISSUER: issuer } });
    const browser = openBrowser();
    expect((await browser.fetch(at('/public/'))).status).toBe(200);
    const page = await browser.open(at('/quay/7'));
    expect(page.status).toBe(502);
    expect(page.header('content-type')).toContain('text/html');
    expect(page.text).toMatch(/identity provider cannot be reached/i);
    expect(page.text, 'its address is nobody’s business').not.toContain(String(port));
    expect(page.setCookies.join()).not.toContain('portunus.login');
    expect((await browser.fetch(at('/quay/7'))).status, 'a script is told to log in, as ever').toBe(401);
    expect((await browser.visit(at('/-/login?return_to=/quay/'))).status).toBe(502);

    const back = await openLandscape({ ports: { entra: port } });
    register(back, router.origin);
    const other = await openHarbour({
      landscape: back,
      env: { OIDC_ISSUER: issuer, OIDC_CLIENT_SECRET: back.entra.client.secret },
    });
    // The very router that failed before: its secret is of the landscape that never was, so it gets as far as the code.
    expect((await browser.open(at('/quay/7'))).text).toContain('<button name="user"');
    const landed = await logIn(openBrowser(), other.at('/quay/7'), users.everywhere);
    expect(landed.status).toBe(200);
  });
});

describe('a provider that does not accept our secret', () => {
  test('ends the login with 502, the reason and what to do, without the secret', async () => {
    const secret = 'not-the-secret-of-this-client';
    const { at, router } = await openHarbour({ landscape, env: { OIDC_CLIENT_SECRET: secret } });
    const browser = openBrowser();
    const page = await logIn(browser, at('/quay/7'), users.everywhere);
    expect(page.status).toBe(502);
    expect(page.text).toContain('invalid_client');
    expect(page.text).toMatch(/client secret/i);
    expect(page.text).toContain(page.header('x-request-id'));
    expect(page.text).not.toContain(secret);
    expect(sessionCookie(browser, router.origin)).toBeUndefined();
  });

  test('where a router of another client stands, gets no code from it', async () => {
    const { at } = await openHarbour({ landscape, env: { OIDC_CLIENT_ID: landscape.entra.disabledClient.id } });
    const page = await openBrowser().open(at('/quay/7'));
    expect(page.url.origin).toBe(landscape.entra.origin);
    expect(page.text).not.toContain('<button name="user"');
  });
});

describe('a logout while the provider is down', () => {
  test('ends the session here all the same', async () => {
    const { at } = await openHarbour({ landscape });
    const browser = openBrowser();
    await logIn(browser, at('/quay/'), users.everywhere);
    await landscape.stop();
    const gone = await browser.visit(at('/logout'));
    expect([200, 302]).toContain(gone.status);
    expect((await browser.fetch(at('/quay/'))).status).toBe(401);
  });
});
