import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { ask } from '../support/ask.ts';
import { openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { isCallback, isSignIn, logIn } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

let landscape: Landscape;
let harbour: Harbour;
beforeAll(async () => {
  landscape = await openLandscape();
  harbour = await openHarbour({ landscape });
});

describe('a deep link that needs a login', () => {
  test.each([
    ['path, query and fragment', '/quay/berths/7?full=1&full=2#/crane?load=80'],
    ['an encoded path', '/quay/caf%C3%A9/a%2Fb;v=1?q=%23%26&empty='],
    ['a fragment that would end a script', "/quay/x?a='</script><!--#</script><img/src=x>"],
    ['no fragment', '/quay/'],
  ])('is where the browser lands after it, with %s', async (_, link) => {
    const browser = openBrowser();
    const landed = await logIn(browser, harbour.at(link), users.everywhere);
    const wanted = new URL(harbour.at(link));
    expect(landed.url.href).toBe(wanted.href);
    expect(landed.status).toBe(200);
    expect(harbour.quay.last().url).toBe(wanted.pathname + wanted.search);
    expect(browser.cookie(wanted, 'JSESSIONID')).toBeDefined();
    expect(browser.cookies(harbour.at('/login/callback')), 'nothing of the attempt is left').not.toContain('portunus.');
  });

  test('begins with a page that runs no script but its own, is never stored and sets no session', async () => {
    const page = await openBrowser().visit(harbour.at('/quay/7?a=1'));
    expect(page.status).toBe(200);
    expect(page.header('content-type')).toMatch(/^text\/html; charset=utf-8$/i);
    expect(page.header('cache-control')).toContain('no-store');
    const nonce = /<script nonce="([^"]+)">/.exec(page.text)?.[1] ?? 'none';
    expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
    expect(page.header('content-security-policy')).toContain(`script-src 'nonce-${nonce}'`);
    expect(page.header('content-security-policy')).not.toContain('unsafe-inline');
    const again = await openBrowser().visit(harbour.at('/quay/7?a=1'));
    expect(again.text, 'a nonce is used once').not.toContain(nonce);
    expect(page.setCookies.join()).not.toContain('JSESSIONID');
  });

  test('asks the provider with state, nonce and an S256 challenge', async () => {
    const entra = await openBrowser().openUntil(
      harbour.at('/quay/'),
      ({ origin }) => origin === landscape.entra.origin,
    );
    expect(Object.fromEntries(entra.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: landscape.entra.client.id,
      redirect_uri: harbour.at('/login/callback'),
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w.-]{43,}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test('is a plain redirect for what shows no pages, and cannot have had a fragment', async () => {
    const answer = await ask(harbour.router.origin, '/quay/7', { headers: { 'user-agent': 'curl/8.9' } });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toContain(landscape.entra.authorizeUrl);
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(answer.text).not.toContain('<script');
  });

  test('is not repeated in the page, so that nothing in it can become a script (T-51)', async () => {
    const headers = { 'user-agent': 'Mozilla/5.0', accept: 'text/html' };
    const page = await ask(harbour.router.origin, '/quay/"</script><script>alert(1)</script>', { headers });
    expect(page.status).toBe(200);
    expect(page.text.match(/<script/g)).toHaveLength(1);
    expect(page.text).not.toContain('alert');
  });

  test('is a plain redirect for browsers too with PRESERVE_FRAGMENT=false', async () => {
    const { at } = await openHarbour({ landscape, env: { PRESERVE_FRAGMENT: 'false' } });
    const browser = openBrowser();
    const begun = await browser.visit(at('/quay/7?full=1'));
    expect(begun.status).toBe(302);
    expect(begun.header('location')).toContain(landscape.entra.authorizeUrl);
    const landed = await logIn(browser, at('/quay/7?full=1'), users.everywhere);
    expect(landed.url.href).toBe(at('/quay/7?full=1'));
  });
});

describe('a login begun on purpose', () => {
  test.each(['//evil.example/', '/\\evil.example', 'https://evil.example/', '/\t/evil.example', 'javascript:alert(1)'])(
    'does not lead to %j afterwards (T-50)',
    async (target) => {
      const door = harbour.at(`/-/login?return_to=${encodeURIComponent(target)}`);
      const landed = await logIn(openBrowser(), door, users.everywhere);
      expect(landed.url.href).toBe(harbour.at('/'));
    },
  );

  test('that is given up goes nowhere: the sign-in page stays, and no session begins', async () => {
    const browser = openBrowser();
    const page = await browser.open(harbour.at('/quay/7'));
    expect(isSignIn(page)).toBe(true);
    expect(isCallback(page.url)).toBe(false);
    expect(browser.cookie(harbour.at('/'), 'JSESSIONID')).toBeUndefined();
  });
});
