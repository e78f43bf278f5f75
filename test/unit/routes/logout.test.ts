import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { loginOrigin } from '../../support/fake-party.ts';
import { type LoginHouse, loginHouse, makeHouse } from '../../support/make-house.ts';
import { cookiesOf, logIn, type Visitor, visitor } from '../../support/visitor.ts';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
beforeEach(() => upstream.reset());

const houseWith = (logout: object, more: object = {}): Promise<LoginHouse> =>
  loginHouse(
    {
      xsApp: {
        routes: [
          { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
          { source: '^/api/', destination: 'b' },
          { source: '^/(.*)$', localDir: 'web' },
        ],
        logout: { logoutEndpoint: '/do/logout', ...logout },
        ...more,
      },
      files: { 'web/index.html': 'home' },
      env: { destinations: [{ name: 'b', url: `${upstream.origin}/base`, forwardAuthToken: true }] },
    },
    { ada: {}, bob: {} },
  );

const isLoggedIn = async (browser: Visitor) =>
  (await browser.get('/me/currentUser').set('accept', 'application/json')).status === 200;

describe('logout by GET (xs-app.md 6.7)', () => {
  test('ends the session, deletes the cookie, and goes on to the provider’s logout', async () => {
    const { app } = await houseWith({ logoutPage: '/bye' });
    const browser = visitor(app);
    const cookie =
      cookiesOf(await logIn(browser, 'ada', '/'))
        .get('JSESSIONID')
        ?.split(';')[0] ?? '';
    expect(await isLoggedIn(browser)).toBe(true);
    const answer = await browser.get('/do/logout').set('host', 'harbour.example');
    expect(answer.status).toBe(302);
    expect(answer.headers['location']).toBe(
      `${loginOrigin}/logout?return_to=${encodeURIComponent('http://harbour.example/bye')}`,
    );
    expect(cookiesOf(answer).get('JSESSIONID')).toMatch(/^JSESSIONID=; .*Expires=Thu, 01 Jan 1970/);
    expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
    expect(await isLoggedIn(browser)).toBe(false);
    const old = await supertest(app).get('/me/currentUser').set({ cookie, accept: 'application/json' });
    expect(old.status).toBe(401);
  });

  test('HEAD tells where GET would lead, and ends nothing', async () => {
    const { app } = await houseWith({ logoutPage: '/bye', backChannelLogoutEndpoint: '/back' });
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    const answer = await browser.head('/do/logout').set('host', 'harbour.example');
    expect([answer.status, answer.headers['location']]).toEqual([
      302,
      `${loginOrigin}/logout?return_to=${encodeURIComponent('http://harbour.example/bye')}`,
    ]);
    expect(cookiesOf(answer).size).toBe(0);
    expect(upstream.calls).toHaveLength(0);
    expect(await isLoggedIn(browser)).toBe(true);
  });

  test('without a logoutPage: nothing to come back to', async () => {
    const { app } = await houseWith({});
    expect((await visitor(app).get('/do/logout')).headers['location']).toBe(`${loginOrigin}/logout`);
  });

  test('query parameters of the call are appended to logoutPage', async () => {
    const { app } = await houseWith({ logoutPage: '/bye?a=1' });
    const { location } = (await visitor(app).get('/do/logout?port=9&x=%26').set('host', 'h')).headers;
    expect(new URL(location ?? '').searchParams.get('return_to')).toBe('http://h/bye?a=1&port=9&x=%26');
  });

  test('an absolute logoutPage stays as it is', async () => {
    const { app } = await houseWith({ logoutPage: 'https://corporate.example/bye' });
    const { location } = (await visitor(app).get('/do/logout')).headers;
    expect(new URL(location ?? '').searchParams.get('return_to')).toBe('https://corporate.example/bye');
  });

  test.each([
    ['/do/logout?skip-redirect', 200],
    ['/do/logout?skip-redirect=true', 200],
    ['/do/logout?x=1&skip-redirect=true', 200],
    ['/do/logout?skip-redirect=false', 302],
    ['/do/logout?x=skip-redirect', 302],
  ])('%s: %i; the session ends in any case', async (path, status) => {
    const { app } = await houseWith({});
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    expect((await browser.get(path)).status).toBe(status);
    expect(await isLoggedIn(browser)).toBe(false);
  });

  test('nobody is logged in: on to the provider all the same', async () => {
    const { app } = await houseWith({});
    expect((await visitor(app).get('/do/logout')).status).toBe(302);
  });

  test('other methods: 405', async () => {
    const { app } = await houseWith({});
    const answer = await visitor(app).delete('/do/logout');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  test('one session ends, not the user’s others', async () => {
    const { app } = await houseWith({});
    const [here, there] = [visitor(app), visitor(app)];
    await logIn(here, 'ada', '/');
    await logIn(there, 'ada', '/');
    await here.get('/do/logout');
    expect([await isLoggedIn(here), await isLoggedIn(there)]).toEqual([false, true]);
  });

  test('a host that can be no URL does not break it (T-25)', async () => {
    const { app } = await houseWith({ logoutPage: '/bye' });
    for (const host of ['a:99999', '[:::::]', '1.2.3.4.5'])
      expect.soft((await supertest(app).get('/do/logout').set('host', host)).status, host).toBeLessThan(500);
  });
});

describe('logout where nobody logs in', () => {
  test('goes to logoutPage, with the parameters of the call', async () => {
    const { app } = await makeHouse({
      xsApp: { authenticationMethod: 'none', logout: { logoutEndpoint: '/do/logout', logoutPage: '/bye' } },
    });
    const { location } = (await supertest(app).get('/do/logout?port=9')).headers;
    expect(new URL(location ?? '', 'http://h').pathname).toBe('/bye');
    expect(new URL(location ?? '', 'http://h').searchParams.get('port')).toBe('9');
  });
});

describe('logout by POST', () => {
  const post = { logoutMethod: 'POST' };

  test('needs the session’s CSRF token', async () => {
    const { app } = await houseWith(post);
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    for (const token of [undefined, '', 'wrong', 'fetch']) {
      const asked = browser.post('/do/logout');
      const answer = await (token === undefined ? asked : asked.set('x-csrf-token', token));
      expect(answer.status).toBe(403);
      expect(answer.headers['x-csrf-token']).toBe('Required');
    }
    expect(await isLoggedIn(browser)).toBe(true);
  });

  test('which a GET on the same path gives', async () => {
    const { app } = await houseWith(post);
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    const fetched = await browser.get('/do/logout').set('x-csrf-token', 'Fetch');
    expect(fetched.status).toBe(200);
    expect(fetched.text).toBe('');
    const token = fetched.headers['x-csrf-token'] ?? '';
    const answer = await browser.post('/do/logout').set('x-csrf-token', token);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.text).toBe(`${loginOrigin}/logout`);
    expect(await isLoggedIn(browser)).toBe(false);
  });

  test('another session’s token does not do', async () => {
    const { app } = await houseWith(post);
    const [ada, bob] = [visitor(app), visitor(app)];
    await logIn(ada, 'ada', '/');
    await logIn(bob, 'bob', '/');
    const token = (await bob.get('/do/logout').set('x-csrf-token', 'fetch')).headers['x-csrf-token'] ?? '';
    expect((await ada.post('/do/logout').set('x-csrf-token', token)).status).toBe(403);
  });

  test('csrfProtection false: no token needed', async () => {
    const { app } = await houseWith({ ...post, csrfProtection: false });
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    expect((await browser.post('/do/logout')).status).toBe(200);
    expect(await isLoggedIn(browser)).toBe(false);
  });

  test('a plain GET does nothing: 405, POST would', async () => {
    const { app } = await houseWith(post);
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    const answer = await browser.get('/do/logout');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
    expect(await isLoggedIn(browser)).toBe(true);
  });
});

describe('backends are told (6.7)', () => {
  const more = { destinations: { b: { logoutPath: '/goodbye' } } };

  test('by one POST without a body, with the user’s token, and never with our session cookie (13.1 #13)', async () => {
    const { app } = await houseWith({}, more);
    const browser = visitor(app);
    upstream.answerWith((_, response) => void response.writeHead(200, { 'set-cookie': 'sid=kept; Path=/' }).end());
    await logIn(browser, 'ada', '/');
    await browser.get('/api/x');
    upstream.reset();
    await browser.get('/do/logout').set('cookie', 'own=1');
    expect(upstream.calls).toHaveLength(1);
    const { method, url, headers, body } = upstream.last();
    expect({ method, url, body }).toEqual({ method: 'POST', url: '/base/goodbye', body: '' });
    expect(headers).toMatchObject({
      'content-length': '0',
      'x-forwarded-path': '/do/logout',
      cookie: 'own=1; sid=kept',
    });
    expect(headers.authorization).toMatch(/^Bearer token of ada/);
  });

  test('a backend that fails does not stop it', async () => {
    const { app, log } = await houseWith({}, more);
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    upstream.answerWith((request) => void request.socket.destroy());
    expect((await browser.get('/do/logout')).status).toBe(302);
    expect(await isLoggedIn(browser)).toBe(false);
    expect(log.warnings).toEqual([expect.stringMatching(/^logout call to destination "b" failed/)]);
  });

  test('nobody was there: nobody is told', async () => {
    const { app } = await houseWith({}, more);
    await visitor(app).get('/do/logout');
    expect(upstream.calls).toHaveLength(0);
  });
});

describe('own scripts are told (xs-app.md section 11)', () => {
  test('of a login, and of its end, whoever ended it', async () => {
    const { app, house } = await houseWith({ backChannelLogoutEndpoint: '/do/back' });
    const told: string[] = [];
    for (const name of ['login', 'logout'] as const)
      house.extensions.events.on(name, ({ id }) => told.push(`${name} ${id}`));
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    await browser.get('/do/logout');
    await logIn(browser, 'ada', '/');
    await supertest(app).post('/do/back').type('form').send({ logout_token: 'ada' });
    const [first = '', second = '', third = '', fourth = ''] = told;
    expect(first).toMatch(/^login [\w-]{43}$/);
    expect(second).toBe(first.replace('login', 'logout'));
    expect(third).toMatch(/^login /);
    expect(fourth).toBe(third.replace('login', 'logout'));
  });
});

describe('logout that the provider begins', () => {
  const endpoint = { backChannelLogoutEndpoint: '/do/back' };

  test('ends all sessions that the token names, and tells the backends', async () => {
    const { app } = await houseWith(endpoint, { destinations: { b: { logoutPath: '/goodbye' } } });
    const [one, two, other] = [visitor(app), visitor(app), visitor(app)];
    await logIn(one, 'ada', '/');
    await logIn(two, 'ada', '/');
    await logIn(other, 'bob', '/');
    const answer = await supertest(app).post('/do/back').type('form').send({ logout_token: 'ada' });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect([await isLoggedIn(one), await isLoggedIn(two), await isLoggedIn(other)]).toEqual([false, false, true]);
    expect(upstream.calls.map(({ url }) => url)).toEqual(['/base/goodbye', '/base/goodbye']);
  });

  test.each([
    ['a token that is not good', { logout_token: 'nobody' }],
    ['no token', {}],
    ['a token twice', 'logout_token=ada&logout_token=ada'],
    ['nothing', ''],
  ])('%s: 400, and nobody is logged out', async (_, form) => {
    const { app } = await houseWith(endpoint);
    const browser = visitor(app);
    await logIn(browser, 'ada', '/');
    expect((await supertest(app).post('/do/back').type('form').send(form)).status).toBe(400);
    expect(await isLoggedIn(browser)).toBe(true);
  });

  test('a form that is too long is refused, not read', async () => {
    const { app } = await houseWith(endpoint);
    const answer = await supertest(app)
      .post('/do/back')
      .type('form')
      .send({ logout_token: 'x'.repeat(200_000) });
    expect(answer.status).toBe(413);
  });

  test('a provider that cannot be asked for its keys is no defect of ours', async () => {
    const { app, party } = await houseWith(endpoint);
    party.verifyLogoutToken = async () => {
      throw Object.assign(new Error('fetch failed'), { code: 'ECONNREFUSED' });
    };
    const answer = await supertest(app).post('/do/back').type('form').send({ logout_token: 'ada' });
    expect(answer.status).not.toBe(500);
  });
});
