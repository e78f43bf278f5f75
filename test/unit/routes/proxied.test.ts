import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse, makeHouse } from '../../support/make-house.ts';
import { type OpenHouse, openHouse } from '../../support/open-house.ts';
import { cookiesOf, logIn, visitor } from '../../support/visitor.ts';

let upstream: Upstream;
let other: Upstream;
let made: LoginHouse;
let door: OpenHouse;

beforeAll(async () => {
  [upstream, other] = await Promise.all([startUpstream(), startUpstream()]);
  made = await loginHouse(
    {
      xsApp: {
        welcomeFile: '/public/start',
        routes: [
          { source: '^/public/', destination: 'b', authenticationType: 'none' },
          { source: '/free/', destination: 'b', authenticationType: 'none' },
          { source: '^/kept/', destination: 'b', authenticationType: 'none' },
          { source: '^/passed/', destination: 'b', authenticationType: 'none', setBackendSessionCookies: true },
          { source: '^/other/', destination: 'other', authenticationType: 'none' },
          { source: '^/token/', destination: 'token' },
          { source: '^/token-public/', destination: 'token', authenticationType: 'none' },
          { source: '^/pilots/', destination: 'b', scope: '$XSAPPNAME.Pilot' },
          {
            source: '^/by-method/',
            destination: 'b',
            csrfProtection: false,
            scope: { GET: 'reader', default: 'writer' },
          },
          { source: '^/dyn/([^/]+)/(.*)$', target: '/$2', destination: '$1', authenticationType: 'none' },
          { source: '^/api/(.*)$', target: '/base/$1', destination: 'b', authenticationType: 'none' },
        ],
        responseHeaders: [{ name: 'x-harbour', value: 'one' }],
        cors: [{ uriPattern: '^/public/', allowedOrigin: [{ host: 'app.example' }] }],
        errorPage: [{ status: 502, file: 'down.html' }],
        logout: { logoutEndpoint: '/out' },
      },
      files: { 'down.html': '<p>down</p>', 'resources/admin/index.html': 'admin' },
      env: {
        destinations: [
          { name: 'b', url: upstream.origin },
          { name: 'other', url: other.origin },
          { name: 'token', url: upstream.origin, forwardAuthToken: true },
          { name: 'gone', url: 'http://127.0.0.1:9' },
          { name: 'shy', url: upstream.origin, 'HTML5.DynamicDestination': 'false' },
        ],
      },
    },
    {
      ada: { scopes: ['harbour!t7.Pilot', 'reader'] },
      bob: { scopes: ['writer'] },
    },
  );
  door = await openHouse(made.house);
});

beforeEach(() => {
  upstream.reset();
  other.reset();
});

const json = { accept: 'application/json' };

describe('nothing of a request opens a protected path (T-01, T-02, T-03)', () => {
  test.each([
    '/admin/',
    '/admin/?x=/free/a',
    '/admin/?/free/',
    '/admin/?x=%2Ffree%2F',
    '/admin%2f?/free/',
    '/admin/;/public/',
    '/admin%23/public/x',
    '/%70ublic/x',
    '/Public/x',
    '//public/x',
  ])('%s', async (target) => {
    const answer = await door.ask(target, { headers: json });
    expect(answer.status).toBe(401);
    expect(upstream.calls).toHaveLength(0);
  });

  test.each([
    '/public/x#/../admin',
    '/admin#/public/',
    '/public/../admin/',
    '/public/%2e%2e/admin/',
    '/public/..;/admin/',
  ])('%s is refused before anything else', async (target) => {
    expect((await door.ask(target, { headers: json })).status).toBe(400);
    expect(upstream.calls).toHaveLength(0);
  });

  test('nor any header', async () => {
    const headers = {
      ...json,
      'user-agent': 'kube-probe/1.30',
      'x-forwarded-uri': '/public/x',
      'x-forwarded-path': '/public/x',
      'x-original-url': '/public/x',
      'x-rewrite-url': '/public/x',
      'x-http-method-override': 'GET',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-email': 'root@harbour.example',
      referer: 'http://127.0.0.1/public/x',
    };
    expect((await door.ask('/admin/', { headers })).status).toBe(401);
  });

  test('a target in absolute form goes nowhere (T-71)', async () => {
    for (const target of ['http://169.254.169.254/public/', 'https://evil.example/public/x', '*'])
      expect.soft((await door.ask(target, { method: target === '*' ? 'OPTIONS' : 'GET' })).status, target).toBe(400);
    expect(await door.say('CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n')).not.toMatch(
      /^HTTP\/1\.1 2/,
    );
    expect(upstream.calls).toHaveLength(0);
  });
});

describe('what is rewritten stays below its base (T-05)', () => {
  test.each([
    ['/api/a/b', '/base/a/b'],
    ['/api/a?x=/../y', '/base/a?x=/../y'],
    ['/api/%0d%0aX-Evil:1', '/base/%0d%0aX-Evil:1'],
    ['/api/%3fx', '/base/%3fx'],
    ['/api/%23x', '/base/%23x'],
    ['/api//a', '/base//a'],
  ])('%s reaches %s', async (target, url) => {
    expect((await door.ask(target)).status).toBe(200);
    expect(upstream.last().url).toBe(url);
    expect(upstream.last().headers).not.toHaveProperty('x-evil');
  });

  test.each([
    '/api/../admin',
    '/api/%2e%2e/admin',
    '/api/..%2fadmin',
    '/api/%252e%252e%252fadmin',
    '/api/..%5cadmin',
    '/%61pi/../x',
  ])('%s reaches nothing', async (target) => {
    expect((await door.ask(target)).status).toBe(400);
    expect(upstream.calls).toHaveLength(0);
  });
});

describe('scopes (xs-app.md 3.8)', () => {
  test('who has it passes, who has it not is refused', async () => {
    const [ada, bob] = [visitor(made.app), visitor(made.app)];
    await logIn(ada, 'ada', '/pilots/x');
    await logIn(bob, 'bob', '/pilots/x');
    expect((await ada.get('/pilots/x')).status).toBe(200);
    expect((await bob.get('/pilots/x')).status).toBe(403);
    expect(upstream.calls).toHaveLength(1);
  });

  test('by the real method, whatever a header claims (T-08)', async () => {
    const ada = visitor(made.app);
    await logIn(ada, 'ada', '/pilots/x');
    expect((await ada.get('/by-method/x')).status).toBe(200);
    expect((await ada.post('/by-method/x')).status).toBe(403);
    expect((await ada.post('/by-method/x').set('x-http-method-override', 'GET')).status).toBe(403);
    expect((await ada.head('/by-method/x')).status).toBe(403);
  });
});

describe('the user’s token goes where the destination asks for it, and nowhere else', () => {
  test('logged in: in place of whatever the client sent', async () => {
    const browser = visitor(made.app);
    await logIn(browser, 'ada', '/token/x');
    await browser.get('/token/x').set('authorization', 'Bearer theirs');
    expect(upstream.last().headers.authorization).toBe('Bearer token of ada 0');
    await browser.get('/token-public/x');
    expect(upstream.last().headers.authorization).toBe('Bearer token of ada 0');
    await browser.get('/public/x').set('authorization', 'Bearer theirs');
    expect(upstream.last().headers.authorization).toBe('Bearer theirs');
  });

  test('nobody is logged in on a public route: nothing is added, and the client’s own does not pass for it', async () => {
    await supertest(made.app).get('/token-public/x').set('authorization', 'Bearer theirs');
    expect(upstream.last().headers.authorization).toBeUndefined();
  });

  test('our cookies never reach a backend (T-13)', async () => {
    const browser = visitor(made.app);
    await logIn(browser, 'ada', '/token/x');
    await browser.get('/public/x').set('cookie', 'a=1; JSESSIONID=other; portunus.login.x=1; b=2');
    expect(upstream.last().headers.cookie ?? '').not.toMatch(/JSESSIONID|portunus/);
  });
});

describe('cookies of backends (xs-app.md 8.2)', () => {
  const setting = (...cookies: string[]) =>
    upstream.answerWith((_, response) => void response.writeHead(200, { 'set-cookie': cookies }).end());

  test('a session cookie stays here, comes back to this destination, and travels to no other', async () => {
    const browser = visitor(made.app);
    setting('sid=1; Path=/; HttpOnly', 'theme=dark; Max-Age=3600');
    const answer = await browser.get('/kept/x');
    expect([...cookiesOf(answer).keys()].sort()).toEqual(['JSESSIONID', 'theme']);
    await browser.get('/kept/y');
    expect(upstream.last().headers.cookie).toMatch(/(^|; )sid=1($|;)/);
    await browser.get('/other/y');
    expect(other.last().headers.cookie ?? '').not.toContain('sid');
  });

  test('several at once, and what another route of the destination set', async () => {
    const browser = visitor(made.app);
    setting('a=1; Path=/', 'b=2; Path=/');
    await browser.get('/kept/x');
    setting('a=3; Path=/');
    await browser.get('/public/x');
    await browser.get('/kept/x');
    expect(upstream.last().headers.cookie?.split('; ').sort()).toEqual(['a=3', 'b=2']);
  });

  test('a backend ends its session by an expiry in the past: the kept cookie is gone', async () => {
    const browser = visitor(made.app);
    setting('sid=1; Path=/');
    await browser.get('/kept/login');
    for (const gone of ['sid=; Path=/; Max-Age=0', 'sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT']) {
      setting('sid=1; Path=/');
      await browser.get('/kept/login');
      setting(gone);
      await browser.get('/kept/logout');
      await browser.get('/kept/x');
      expect.soft(upstream.last().headers.cookie ?? '', gone).not.toContain('sid=1');
    }
  });

  test('setBackendSessionCookies: to the client, and no session is made', async () => {
    setting('sid=1; Path=/; HttpOnly');
    const answer = await supertest(made.app).get('/passed/x');
    expect([...cookiesOf(answer).keys()]).toEqual(['sid']);
  });

  test('one named like ours never overwrites the session', async () => {
    const browser = visitor(made.app);
    await logIn(browser, 'ada', '/token/x');
    for (const path of ['/kept/x', '/passed/x']) {
      setting('JSESSIONID=evil; Path=/', 'JSESSIONID=evil; Path=/; Max-Age=3600');
      await browser.get(path);
      upstream.reset();
      expect.soft((await browser.get('/token/x').set(json)).status, path).toBe(200);
    }
  });

  test.each(['', '=', '=x', 'x', ';', '__proto__=1', 'constructor=1; Path=/', 'a=\u00e4', `${'x'.repeat(4_000)}=1`])(
    'an odd one breaks nothing: %j (T-25)',
    async (cookie) => {
      setting(cookie);
      const browser = visitor(made.app);
      expect((await browser.get('/kept/x')).status).toBe(200);
      expect((await browser.get('/kept/x')).status).toBe(200);
    },
  );

  test('a destination with the name of a property of every object works like any other', async () => {
    const { app } = await makeHouse({
      xsApp: {
        authenticationMethod: 'none',
        routes: [
          { source: '^/odd/', destination: 'constructor' },
          { source: '^/', destination: 'b' },
        ],
      },
      env: { destinations: ['constructor', 'b'].map((name) => ({ name, url: upstream.origin })) },
    });
    setting('sid=1');
    const browser = visitor(app);
    for (const path of ['/x', '/odd/x', '/odd/x']) expect.soft((await browser.get(path)).status, path).toBe(200);
    expect(upstream.last().headers.cookie).toContain('sid=1');
  });
});

describe('destinations named by the path (T-70)', () => {
  test('one that is there', async () => {
    expect((await door.ask('/dyn/other/x?y=1')).status).toBe(200);
    expect(other.last().url).toBe('/x?y=1');
  });

  test.each([
    'nobody',
    'OTHER',
    'shy',
    '%6fther',
    'other%2f',
    'a@b',
    '__proto__',
    'constructor',
    'other%00',
    '127.0.0.1:80',
  ])('%s: 404, and nothing is called', async (name) => {
    expect([400, 404]).toContain((await door.ask(`/dyn/${name}/x`)).status);
    expect(upstream.calls.length + other.calls.length).toBe(0);
  });
});

describe('headers of every answer (xs-app.md 8.2)', () => {
  const answers: [string, string, string, number][] = [
    ['a backend', 'GET', '/public/x', 200],
    ['a file that is not there', 'GET', '/nothing', 401],
    ['a method that nobody takes', 'POST', '/-/health/live', 405],
    ['health', 'GET', '/-/health/live', 200],
    ['the welcome redirect', 'GET', '/', 302],
    ['a target that is refused', 'GET', '/..', 400],
    ['a backend that is down', 'GET', '/dyn/gone/x', 502],
  ];

  test.each(answers)('%s', async (_, method, target, status) => {
    const answer = await door.ask(target, { method, headers: json });
    expect(answer.status).toBe(status);
    expect(answer.headers['x-request-id']).toMatch(/^[\w.-]{8,}$/);
    expect(answer.headers['x-frame-options']).toBe('SAMEORIGIN');
    expect(answer.headers['x-harbour']).toBe('one');
    expect(answer.headers['x-powered-by']).toBeUndefined();
  });

  test('even where the host is none: the id is there, and it is the one in the document', async () => {
    const answer = await door.ask('/public/x', { headers: { ...json, host: 'a/b' } });
    expect(answer.status).toBe(400);
    expect(answer.headers['x-request-id']).toMatch(/^[\w.-]{8,}$/);
    expect(JSON.parse(answer.body).requestId).toBe(answer.headers['x-request-id']);
  });

  test('a backend’s own request id wins', async () => {
    upstream.answerWith((_, response) => void response.writeHead(200, { 'X-Request-ID': 'theirs' }).end());
    expect((await door.ask('/public/x')).headers['x-request-id']).toBe('theirs');
  });
});

describe('CORS in front of everything (xs-app.md 8.4)', () => {
  const origin = 'https://app.example';

  test('a preflight is answered by the router alone, before the login', async () => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const answer = await door.ask('/public/x', { method: 'OPTIONS', headers });
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
    expect(upstream.calls).toHaveLength(0);
  });

  test('an allowed request is forwarded and marked', async () => {
    const { headers, status } = await door.ask('/public/x', { headers: { origin } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    });
  });

  test('caches are told that the origin counts, also when the backend has a Vary of its own', async () => {
    upstream.answerWith((_, response) => void response.writeHead(200, { vary: 'Accept-Language' }).end());
    const { headers } = await door.ask('/public/x', { headers: { origin } });
    expect(headers.vary?.split(/, */)).toEqual(expect.arrayContaining(['Origin', 'Accept-Language']));
  });

  test('another origin is refused and reaches nobody', async () => {
    const { status, headers } = await door.ask('/public/x', { headers: { origin: 'https://evil.example' } });
    expect(status).toBe(403);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(upstream.calls).toHaveLength(0);
  });
});

describe('errors of ours and of backends (xs-app.md 8.7)', () => {
  test('ours may have a page, which scripts do not get', async () => {
    expect((await door.ask('/dyn/gone/x')).body).toBe('<p>down</p>');
    expect(JSON.parse((await door.ask('/dyn/gone/x', { headers: json })).body)).toMatchObject({ status: 502 });
  });

  test('a backend’s own stays its own', async () => {
    upstream.answerWith((_, response) => void response.writeHead(502).end('theirs'));
    expect((await door.ask('/public/x')).body).toBe('theirs');
  });
});

describe('machine callers (xs-app.md section 9)', () => {
  const machine = (token: string) => ({ ...json, 'x-approuter-authorization': token });

  test('a token stands for a login, without a session and without CSRF', async () => {
    const answer = await supertest(made.app).post('/pilots/x').set(machine('Bearer ada'));
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(upstream.last().headers).not.toHaveProperty('x-approuter-authorization');
  });

  test('its scopes count', async () => {
    expect((await supertest(made.app).get('/pilots/x').set(machine('Bearer bob'))).status).toBe(403);
  });

  test.each(['Bearer nobody', 'Bearer', 'Basic YTpi', 'ada', '', 'Bearer a b'])(
    '%j is refused, never ignored',
    async (value) => {
      const answer = await supertest(made.app).get('/token/x').set(machine(value));
      expect(answer.status).toBe(401);
      expect(upstream.calls).toHaveLength(0);
    },
  );

  test('a token does not lift the session of the browser that sends it', async () => {
    const browser = visitor(made.app);
    await logIn(browser, 'ada', '/token/x');
    const answer = await browser.get('/pilots/x').set(machine('Bearer bob'));
    expect(answer.status).toBe(403);
  });
});

describe('cookies made to break things (T-25, T-26)', () => {
  test.each([
    '__proto__=1; constructor=2; hasOwnProperty=3; toString=4',
    '=',
    ';;;;',
    'JSESSIONID',
    'JSESSIONID=',
    'JSESSIONID=s%3A%zz',
    'JSESSIONID=s:__proto__.x',
    `JSESSIONID=${'x'.repeat(8_000)}`,
    Array.from({ length: 200 }, (_, i) => `c${i}=x`).join('; '),
    'portunus.login.abcdefgh=99999999',
    `portunus.fragment.abcdefgh=${'%23'.repeat(500)}`,
  ])('%j', async (cookie) => {
    const answer = await door.ask('/public/x', { headers: { cookie } });
    expect(answer.status).toBe(200);
    expect((await door.ask('/token/x', { headers: { ...json, cookie } })).status).toBe(401);
  });
});

describe('REQUIRE_AUTH_FOR_UNKNOWN_ROUTES', () => {
  const routes = [
    { source: '^/web/', localDir: 'web' },
    { source: '^/open/', localDir: 'web', authenticationType: 'none' },
  ];
  const hiding = (value: string) =>
    loginHouse(
      { xsApp: { routes }, files: { 'web/x': 'x' }, env: { REQUIRE_AUTH_FOR_UNKNOWN_ROUTES: value } },
      { ada: {} },
    );

  test('false: an unknown path is 404 without a login', async () => {
    const { app } = await hiding('false');
    expect((await supertest(app).get('/unknown').set(json)).status).toBe(404);
  });

  test('true: whoever is not logged in learns nothing; whoever is, learns that it is not there', async () => {
    const { app } = await hiding('true');
    expect((await supertest(app).get('/unknown').set(json)).status).toBe(401);
    expect((await supertest(app).get('/unknown').set('accept', 'text/html')).status).toBe(302);
    expect((await supertest(app).post('/web/x').set(json)).status).toBe(401);
    const browser = visitor(app);
    await logIn(browser, 'ada', '/web/x');
    expect((await browser.get('/unknown').set(json)).status).toBe(404);
    expect((await browser.post('/web/x').set(json)).status).toBe(405);
  });
});
