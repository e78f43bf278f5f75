import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { ask } from '../support/ask.ts';
import { openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { logIn, sessionCookie } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

let landscape: Landscape;
let harbour: Harbour;
beforeAll(async () => {
  landscape = await openLandscape();
  harbour = await openHarbour({ landscape });
});

describe('somebody who is not logged in and does not navigate (xs-app.md 6.1)', () => {
  const callers: Record<string, Record<string, string>> = {
    'a fetch for JSON': { accept: 'application/json', 'sec-fetch-mode': 'cors' },
    'a fetch for anything': { accept: '*/*', 'sec-fetch-mode': 'cors' },
    'a fetch of the same origin': { accept: '*/*', 'sec-fetch-mode': 'same-origin' },
    'an XMLHttpRequest': { accept: '*/*', 'x-requested-with': 'XMLHttpRequest' },
    'an XMLHttpRequest for HTML': {
      accept: 'application/json, text/javascript, */*',
      'x-requested-with': 'XMLHttpRequest',
    },
    'a program that reads only JSON': { accept: 'application/json' },
  };
  test.each(Object.keys(callers))('%s gets 401 as a problem document that says where to log in', async (which) => {
    harbour.quay.forget();
    const answer = await ask(harbour.router.origin, '/quay/7', { headers: callers[which] ?? {} });
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(answer.headers.location).toBeUndefined();
    expect(answer.headers['x-csrf-token']).toBeUndefined();
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 401,
      title: 'Unauthorized',
      code: 'ERR_LOGIN_REQUIRED',
      loginUrl: expect.stringMatching(/^\/-\/login\?/),
      requestId: answer.headers['x-request-id'],
    });
    expect(harbour.quay.received).toHaveLength(0);
  });

  test('can go to the login URL of the answer, and comes back to the page the script is on', async () => {
    const browser = openBrowser();
    const headers = { referer: harbour.at('/public/page?tab=2') };
    const { json } = await browser.fetch(harbour.at('/quay/7'), { headers });
    const landed = await logIn(browser, new URL(String(json['loginUrl']), harbour.router.origin), users.everywhere);
    expect(landed.url.href).toBe(harbour.at('/public/page?tab=2'));
    expect((await browser.fetch(harbour.at('/quay/7'))).status).toBe(200);
  });

  test('whose page is of another site comes back to the start page', async () => {
    const headers = { referer: 'https://evil.example/page' };
    const { json } = await openBrowser().fetch(harbour.at('/quay/7'), { headers });
    expect(new URL(String(json['loginUrl']), 'http://x').searchParams.get('return_to')).toBe('/');
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'by %s gets 401, not the login and not a CSRF 403',
    async (method) => {
      harbour.quay.forget();
      const answer = await openBrowser().visit(harbour.at('/quay/7'), { method });
      expect(answer.status).toBe(401);
      expect(answer.header('x-csrf-token')).toBeUndefined();
      expect(harbour.quay.received).toHaveLength(0);
    },
  );

  test('by HEAD gets 401 or a redirect, without a body', async () => {
    const answer = await openBrowser().visit(harbour.at('/quay/7'), { method: 'HEAD' });
    expect([302, 303, 401]).toContain(answer.status);
    expect(answer.text).toBe('');
  });

  test('is served what is public, and gets no cookie for it', async () => {
    const browser = openBrowser();
    const answer = await browser.fetch(harbour.at('/public/page'));
    expect(answer.status).toBe(200);
    expect(answer.setCookies).toEqual([]);
    expect(harbour.quay.last().headers['authorization']).toBeUndefined();
    expect(sessionCookie(browser, harbour.router.origin)).toBeUndefined();
  });
});
