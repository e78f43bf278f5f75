import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { fragmentCookie } from '../../../src/login/login-page.ts';
import { loginOrigin } from '../../support/fake-party.ts';
import { loginHouse, makeHouse } from '../../support/make-house.ts';
import { openHouse } from '../../support/open-house.ts';
import { cookiesOf, logIn, stateOf, visitor } from '../../support/visitor.ts';

const users = {
  ada: {
    claims: { sub: 'ada', given_name: 'Ada', family_name: 'Byron', email: 'ada@harbour.example', user_name: 'ADA' },
  },
  bob: { claims: { sub: 'bob' } },
  ghost1: { claims: {} },
  ghost2: { claims: {} },
  late: { lifetime: 30_000 },
};
const { app, house } = await loginHouse(
  {
    xsApp: {
      routes: [
        { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
        { source: '^/(.*)$', localDir: 'web' },
      ],
    },
    files: { 'web/index.html': '<h1>home</h1>', 'web/deep/page.html': 'deep' },
  },
  users,
);

const door = await openHouse(house);
const page = { accept: 'text/html' };
const browserAgent = { ...page, 'user-agent': 'Mozilla/5.0', 'sec-fetch-mode': 'navigate' };

describe('a person who is not logged in goes to the provider (xs-app.md 6.1, 6.2)', () => {
  test('by a redirect where there can be no fragment', async () => {
    const answer = await supertest(app).get('/deep/page.html?x=1').set(page);
    expect(answer.status).toBe(302);
    expect(answer.headers['location']).toMatch(new RegExp(`^${loginOrigin}/authorize\\?`));
    expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
  });

  test('by a page that keeps the fragment where there can be one, under a policy with a nonce', async () => {
    const answer = await supertest(app).get('/deep/page.html').set(browserAgent);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
    const nonce = /'nonce-([^']+)'/.exec(answer.headers['content-security-policy'] ?? '')?.[1];
    expect(nonce).toHaveLength(24);
    expect(answer.text).toContain(`<script nonce="${nonce}">`);
    const again = await supertest(app).get('/deep/page.html').set(browserAgent);
    expect(again.headers['content-security-policy']).not.toContain(nonce);
  });

  test('with a cookie for this attempt, that only the callback gets and no script reads', async () => {
    const cookies = cookiesOf(await supertest(app).get('/').set(page));
    expect([...cookies.keys()]).toEqual([expect.stringMatching(/^portunus\.login\.[\w-]{8}$/)]);
    expect([...cookies.values()][0]).toMatch(/; Path=\/login\/callback; .*HttpOnly; SameSite=Lax$/);
  });

  test('and no session is made for that', async () => {
    expect(cookiesOf(await supertest(app).get('/').set(page)).has('JSESSIONID')).toBe(false);
  });

  test('the redirect URI is what the client sees', async () => {
    const answer = await supertest(app).get('/').set(page).set('host', 'harbour.example:5000');
    expect(new URL(answer.headers['location'] ?? '').searchParams.get('redirect_uri')).toBe(
      'http://harbour.example:5000/login/callback',
    );
  });

  test('and no header of a stranger changes that (T-11)', async () => {
    const answer = await supertest(app).get('/').set(page).set({
      host: 'harbour.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
      'x-custom-host': 'evil.example',
    });
    expect(answer.headers['location']).not.toContain('evil');
    expect([...cookiesOf(answer).values()].join()).not.toContain('Secure');
  });
});

describe('a script gets 401 and where to log in; nobody else is redirected (wants 29)', () => {
  test.each<[string, string, Record<string, string>]>([
    ['an XMLHttpRequest', 'GET', { ...page, 'x-requested-with': 'XMLHttpRequest' }],
    ['fetch', 'GET', { accept: '*/*', 'sec-fetch-mode': 'cors' }],
    ['a caller who takes only JSON', 'GET', { accept: 'application/json' }],
    ['POST', 'POST', page],
    ['HEAD', 'HEAD', page],
    ['an image on a page', 'GET', { accept: 'image/avif,image/webp', 'sec-fetch-mode': 'no-cors' }],
  ])('%s', async (_, method, headers) => {
    const answer = await supertest(app)
      [method.toLowerCase() as 'get' | 'post' | 'head']('/me/currentUser')
      .set(headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['location']).toBeUndefined();
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['x-csrf-token']).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
  });

  const askedFrom = async (referer: string) => {
    const answer = await supertest(app)
      .get('/me/x')
      .set({ accept: 'application/json', host: 'harbour.example', referer });
    return JSON.parse(answer.text ?? answer.body.toString()).loginUrl as string;
  };

  test('the login leads back to the page that asked', async () => {
    expect(await askedFrom('http://harbour.example/deep/page.html?x=1')).toBe(
      '/-/login?return_to=%2Fdeep%2Fpage.html%3Fx%3D1&provider=xsuaa',
    );
  });

  test.each([
    'http://evil.example/x',
    'https://harbour.example.evil.example/',
    'no url',
    'http://harbour.example//evil.example',
  ])('never to another site: asked from %s (T-50)', async (referer) => {
    const back = new URL(await askedFrom(referer), 'http://harbour.example').searchParams.get('return_to') ?? '';
    expect(new URL(back, 'http://harbour.example').origin).toBe('http://harbour.example');
  });
});

describe('the callback finishes the login (xs-app.md 6.3)', () => {
  /** The whole login without a client that tidies up URLs. @returns Location of the callback's answer */
  const landingOf = async (target: string, leave: (state: string) => string = () => '') => {
    const begun = await door.ask(target, { headers: page });
    const state = stateOf({ headers: begun.headers as Record<string, string> });
    const attempt = [...cookiesOf(begun).values()].map((line) => line.split(';')[0]).join('; ');
    const cookie = [attempt, leave(state)].filter(Boolean).join('; ');
    return (await door.ask(`/login/callback?code=ada&state=${state}`, { headers: { cookie } })).headers.location;
  };

  test.each([
    '/deep/page.html?x=1&y=%20',
    "/odata/User('1')?$filter=a%20eq%20'b'&$top=[1]",
    '/a|b?{c}^`d"<>',
    '/a%2Fb//c;x=1?y=%C3%A4&z=+',
  ])('and leads to the path and query that were wanted, letter by letter: %s', async (target) => {
    expect(await landingOf(target)).toBe(target);
  });

  const fragmentLeft = (text: string) => (state: string) => `${fragmentCookie(state)}=${text}`;

  test('with the fragment that the page left', async () => {
    expect(await landingOf('/deep/page.html', fragmentLeft(encodeURIComponent('#/orders/7')))).toBe(
      '/deep/page.html#/orders/7',
    );
  });

  test.each(['%0d%0aset-cookie: a=1', '.evil.example', '%40evil.example', '%23%0d%0ax: y', '%zz'])(
    'and nothing else that stands in its place: %s (T-23, T-50)',
    async (text) => {
      expect(await landingOf('/deep/page.html', fragmentLeft(text))).toBe('/deep/page.html');
    },
  );

  test('after it the user is known, in a session of a new id', async () => {
    const browser = visitor(app);
    const answer = await logIn(browser, 'ada', '/');
    expect(cookiesOf(answer).get('JSESSIONID')).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await browser.get('/me/currentUser')).body).toMatchObject({ name: 'ADA' });
  });

  test('the attempt’s cookie is gone', async () => {
    const cookies = cookiesOf(await logIn(visitor(app), 'ada', '/'));
    const [, attempt] = [...cookies].find(([name]) => name.startsWith('portunus.login.')) ?? [];
    expect(attempt).toMatch(/=; Path=\/login\/callback; Expires=Thu, 01 Jan 1970/);
  });

  test('no token reaches the browser', async () => {
    const answer = await logIn(visitor(app), 'ada', '/');
    expect(JSON.stringify([answer.headers, answer.text])).not.toContain('token of ada');
  });

  test('works in two tabs at once', async () => {
    const browser = visitor(app);
    const [one, two] = [await browser.get('/?tab=1').set(page), await browser.get('/?tab=2').set(page)];
    const first = await browser.get(`/login/callback?code=ada&state=${stateOf(one)}`);
    const second = await browser.get(`/login/callback?code=ada&state=${stateOf(two)}`);
    expect([first.headers['location'], second.headers['location']]).toEqual(['/?tab=1', '/?tab=2']);
  });

  test('a login that took the provider’s token too late in its life is refused', async () => {
    const { app: strict } = await loginHouse({ xsApp: { routes: [] }, env: { MINIMUM_TOKEN_VALIDITY: '60' } }, users);
    expect((await logIn(visitor(strict), 'ada', '/')).status).toBe(302);
    expect((await logIn(visitor(strict), 'late', '/')).status).toBe(401);
  });
});

describe('session fixation (T-32)', () => {
  const csrf = { 'x-csrf-token': 'fetch', accept: 'application/json' };

  test('the id before the login is worth nothing after it', async () => {
    const { app: open } = await loginHouse(
      {
        xsApp: {
          routes: [
            { source: '^/open/', localDir: 'web', authenticationType: 'none' },
            { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
          ],
        },
        files: { 'web/open/x.txt': 'x' },
      },
      users,
    );
    const browser = visitor(open);
    const before =
      cookiesOf(await browser.get('/open/x.txt').set(csrf))
        .get('JSESSIONID')
        ?.split(';')[0] ?? '';
    expect(before).not.toBe('');
    const after = cookiesOf(await logIn(browser, 'ada', '/me/currentUser'))
      .get('JSESSIONID')
      ?.split(';')[0];
    expect(after).not.toBe(before);
    const planted = await supertest(open).get('/me/currentUser').set({ cookie: before, accept: 'application/json' });
    expect(planted.status).toBe(401);
  });

  test('another user in the same browser starts afresh', async () => {
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    const ada = (await browser.get('/index.html').set(csrf)).headers['x-csrf-token'];
    const { 'x-csrf-token': again } = (await browser.get('/index.html').set(csrf)).headers;
    expect(again).toBe(ada);
    const begun = await browser.get('/-/login?return_to=/').set(page);
    await browser.get(`/login/callback?code=bob&state=${stateOf(begun)}`);
    const bob = (await browser.get('/index.html').set(csrf)).headers['x-csrf-token'];
    expect(bob).toBeDefined();
    expect(bob).not.toBe(ada);
  });

  test('two users whose tokens name no subject are not one', async () => {
    const browser = visitor(app);
    await logIn(browser, 'ghost1', '/');
    const first = (await browser.get('/index.html').set(csrf)).headers['x-csrf-token'];
    const begun = await browser.get('/-/login?return_to=/').set(page);
    await browser.get(`/login/callback?code=ghost2&state=${stateOf(begun)}`);
    expect((await browser.get('/index.html').set(csrf)).headers['x-csrf-token']).not.toBe(first);
  });
});

describe('a callback that does not belong here is refused, and makes no session (T-30, T-31)', () => {
  const refusedWith = async (path: string, cookie?: string) => {
    const asked = supertest(app).get(path).set(page);
    const answer = await (cookie === undefined ? asked : asked.set('cookie', cookie));
    expect(cookiesOf(answer).has('JSESSIONID')).toBe(false);
    return answer.status;
  };

  test.each([
    ['no parameters', '/login/callback'],
    ['a code without a state', '/login/callback?code=ada'],
    ['an unknown state', `/login/callback?code=ada&state=abcdefgh.${'x'.repeat(43)}`],
    ['an error without a state', '/login/callback?error=access_denied'],
    ['a state as an array', '/login/callback?code=ada&state[]=x'],
    ['hostile parameters', '/login/callback?code=%00&state=%ff%fe&__proto__=x'],
    ['a broken query', '/login/callback?%zz=%'],
  ])('%s', async (_, path) => {
    expect([400, 401, 403]).toContain(await refusedWith(path));
  });

  test('another browser’s attempt', async () => {
    const begun = await supertest(app).get('/').set(page);
    expect(await refusedWith(`/login/callback?code=ada&state=${stateOf(begun)}`)).toBe(400);
  });

  test('the attacker’s code and state, delivered to a victim who began a login too', async () => {
    const attacker = await supertest(app).get('/').set(page);
    const victim = await supertest(app).get('/').set(page);
    const cookie = [...cookiesOf(victim).values()].map((line) => line.split(';')[0]).join('; ');
    expect(await refusedWith(`/login/callback?code=ada&state=${stateOf(attacker)}`, cookie)).toBe(400);
  });

  test('an unknown code', async () => {
    const browser = visitor(app);
    const begun = await browser.get('/').set(page);
    expect((await browser.get(`/login/callback?code=nobody&state=${stateOf(begun)}`)).status).toBe(401);
  });

  test('the same callback again', async () => {
    const browser = visitor(app);
    const begun = await browser.get('/').set(page);
    const callback = `/login/callback?code=ada&state=${stateOf(begun)}`;
    expect((await browser.get(callback)).status).toBe(302);
    expect((await browser.get(callback)).status).toBe(400);
  });

  test('by POST', async () => {
    expect((await supertest(app).post('/login/callback?code=ada&state=x')).status).toBe(405);
  });
});

describe('a login begun on purpose: /-/login', () => {
  const returnUrlOf = async (query: string) => {
    const browser = visitor(app);
    const begun = await browser.get(`/-/login?${query}`).set(page);
    return (await browser.get(`/login/callback?code=ada&state=${stateOf(begun)}`)).headers['location'];
  };

  test('leads back to where it was asked to', async () => {
    expect(await returnUrlOf('return_to=%2Fdeep%2Fpage.html%3Fx%3D1')).toBe('/deep/page.html?x=1');
    expect(await returnUrlOf('')).toBe('/');
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/%09/evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '\\\\evil.example',
    '/x\r\nset-cookie: a=1',
    '.evil.example',
    '@evil.example',
  ])('but never elsewhere: %j (T-50)', async (wanted) => {
    const location = await returnUrlOf(`return_to=${encodeURIComponent(wanted)}`);
    expect(new URL(location ?? '', 'http://harbour.example').origin).toBe('http://harbour.example');
  });

  test('at a provider that is not there: 400', async () => {
    for (const provider of ['nobody', '__proto__', 'constructor', ''])
      expect((await supertest(app).get(`/-/login?provider=${provider}`).set(page)).status).toBe(400);
  });
});

describe('sap_idp of the first request, from a configured list (xs-app.md 3.9, 13.1 #14)', () => {
  const idpOf = async (query: string) => {
    const { app: dynamic } = await loginHouse({
      xsApp: { routes: [{ source: '^/x', localDir: 'web', dynamicIdentityProvider: true, identityProvider: 'usual' }] },
      files: { 'web/x': 'x' },
      env: { PORTUNUS_SAP_IDP_ALLOWLIST: 'corporate, partner' },
    });
    const { location } = (await supertest(dynamic).get(`/x?${query}`).set(page)).headers;
    return new URL(location ?? '').searchParams.get('idp');
  };

  test.each([
    ['', 'usual'],
    ['sap_idp=corporate', 'corporate'],
    ['a=1&sap_idp=partner', 'partner'],
    ['sap_idp=evil', 'usual'],
    ['sap_idp=Corporate', 'usual'],
    ['sap_idp=', 'usual'],
    ['sap_idp=corporate%2Cpartner', 'corporate,partner'],
    ['sap_idp=corporate%2Cevil', 'usual'],
  ])('%s: %s', async (query, idp) => {
    expect(await idpOf(query)).toBe(idp);
  });
});

test('HEAD on the callback uses no code up: the login can still be finished', async () => {
  const browser = visitor(app);
  const begun = await browser.get('/me/currentUser').set(page);
  const callback = `/login/callback?code=ada&state=${stateOf(begun)}`;
  const looked = await browser.head(callback);
  expect([looked.status, looked.headers['allow'], looked.headers['set-cookie']]).toEqual([405, 'GET', undefined]);
  expect((await browser.get(callback)).status).toBe(302);
});

test('where nobody can log in there are no such doors', async () => {
  const { app: open } = await makeHouse({ xsApp: { authenticationMethod: 'none' } });
  for (const path of ['/login/callback', '/-/login']) expect((await supertest(open).get(path)).status).toBe(404);
});

test('an expired or forged session is no session (6.1)', async () => {
  for (const cookie of ['JSESSIONID=forged', 'JSESSIONID=s%3Aforged.x', 'JSESSIONID=', 'jsessionid=x'])
    expect((await supertest(app).get('/me/x').set({ cookie, accept: 'application/json' })).status).toBe(401);
  expect(house.loginIsOn).toBe(true);
});
