import { createHash, randomBytes } from 'node:crypto';
import supertest from 'supertest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LoginHouse, loginHouse, makeHouse, type Setup } from '../../support/make-house.ts';
import { cookiesOf, logIn, stateOf, type Visitor, visitor } from '../../support/visitor.ts';

const claims = { sub: 'ada', given_name: 'Ada', family_name: 'Byron', email: 'ada@harbour.example', user_name: 'ADA' };
const users = {
  ada: { claims, scopes: ['Pilot'], refreshToken: 'ada' },
  bob: { claims: { sub: 'bob' }, lifetime: 120_000 },
};
const setup: Setup = {
  xsApp: { sessionTimeout: 15, routes: [{ source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' }] },
};

let made: LoginHouse;
let browser: Visitor;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  made = await loginHouse(setup, users);
  browser = visitor(made.app);
});
afterEach(() => {
  vi.useRealTimers();
});

const minutes = (count: number) => vi.advanceTimersByTime(count * 60_000);
const session = (agent: Visitor = browser) => agent.get('/-/session').set('accept', 'application/json');

describe('/-/session says what a page may know', () => {
  test('nobody is logged in: where to log in, back to the page that asks', async () => {
    const answer = await session().set({ host: 'harbour.example', referer: 'http://harbour.example/orders?id=7' });
    expect([answer.status, answer.body]).toEqual([
      200,
      { authenticated: false, loginUrl: '/-/login?return_to=%2Forders%3Fid%3D7' },
    ]);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['cache-control']).toContain('no-store');
  });

  test('who is logged in, with which scopes, and for how long; no token', async () => {
    await logIn(browser, 'ada', '/me/currentUser');
    const answer = await session();
    expect(answer.body).toEqual({
      authenticated: true,
      user: { id: 'ada', firstname: 'Ada', lastname: 'Byron', email: 'ada@harbour.example', name: 'ADA' },
      provider: 'xsuaa',
      scopes: ['Pilot'],
      expiresIn: 900,
    });
    expect(answer.text).not.toContain('token of');
  });

  test('a login whose token is not renewed ends with the token, if that is sooner', async () => {
    await logIn(browser, 'bob', '/me/currentUser');
    expect((await session()).body.expiresIn).toBe(120);
    minutes(2);
    expect((await session()).body.authenticated).toBe(false);
  });

  test('the longest life of a session counts too', async () => {
    made = await loginHouse({ ...setup, env: { SESSION_MAX_AGE: '5' } }, users);
    browser = visitor(made.app);
    await logIn(browser, 'ada', '/me/currentUser');
    expect((await session()).body.expiresIn).toBe(300);
  });

  test('by HEAD too; other methods are told which there are', async () => {
    expect((await browser.head('/-/session')).status).toBe(200);
    const refused = await browser.delete('/-/session');
    expect([refused.status, refused.headers['allow']]).toEqual([405, 'GET, POST, HEAD']);
  });

  test('where nobody can log in there is no such door', async () => {
    const { app } = await makeHouse({ xsApp: { authenticationMethod: 'none' } });
    for (const path of ['/-/session', '/-/client.js', '/-/logged-in', '/-/session/adopt'])
      expect((await supertest(app).get(path)).status).toBe(404);
  });
});

describe('asking does not prolong the session', () => {
  test('a page that asks every minute sees it end in time', async () => {
    await logIn(browser, 'ada', '/me/currentUser');
    await session().set('x-csrf-token', 'fetch');
    const seen: unknown[] = [];
    for (let i = 0; i < 16; i++) {
      seen.push((await session().set('x-csrf-token', 'fetch')).body.expiresIn);
      minutes(1);
    }
    expect(seen).toEqual([900, 840, 780, 720, 660, 600, 540, 480, 420, 360, 300, 240, 180, 120, 60, undefined]);
    expect((await browser.get('/me/currentUser').set('accept', 'application/json')).status).toBe(401);
  });

  test('a request does', async () => {
    await logIn(browser, 'ada', '/me/currentUser');
    minutes(10);
    expect((await session()).body.expiresIn).toBe(300);
    await browser.get('/me/currentUser');
    expect((await session()).body.expiresIn).toBe(900);
  });
});

describe('POST prolongs the session and reads scopes again (wants 27)', () => {
  const token = async () => (await session().set('x-csrf-token', 'fetch')).headers['x-csrf-token'] ?? '';

  test('with the CSRF token', async () => {
    await logIn(browser, 'ada', '/me/currentUser');
    const csrf = await token();
    minutes(10);
    made.party.users.set('ada', { ...users.ada, scopes: ['Pilot', 'Harbour.Master'] });
    const answer = await browser.post('/-/session').set('x-csrf-token', csrf);
    expect(answer.body).toMatchObject({ expiresIn: 900, scopes: ['Pilot', 'Harbour.Master'] });
    expect(made.party.refreshed).toEqual(['ada']);
  });

  test('without it: 403, and nothing is renewed (T-30)', async () => {
    await logIn(browser, 'ada', '/me/currentUser');
    await token();
    minutes(10);
    const refused = await browser.post('/-/session');
    expect([refused.status, refused.headers['x-csrf-token']]).toEqual([403, 'Required']);
    expect(made.party.refreshed).toEqual([]);
  });

  test('without a login: 401, and where to log in', async () => {
    const refused = await browser.post('/-/session').set('accept', 'application/json');
    expect([refused.status, refused.body.loginUrl]).toEqual([401, '/-/login?return_to=%2F']);
  });
});

describe('a header of one’s own instead of the CSRF token (PORTUNUS_CSRF_HEADER)', () => {
  const post = async (headers: Record<string, string>, name: string | undefined = 'x-requested-by') => {
    made = await loginHouse({ ...setup, env: name === undefined ? {} : { PORTUNUS_CSRF_HEADER: name } }, users);
    browser = visitor(made.app);
    await logIn(browser, 'ada', '/me/currentUser');
    return (await browser.post('/me/currentUser').set(headers)).status;
  };

  test.each<[string, Record<string, string>, number]>([
    ['carried', { 'X-Requested-By': 'orders' }, 200],
    ['from this very origin', { 'x-requested-by': '1', 'sec-fetch-site': 'same-origin' }, 200],
    ['empty', { 'x-requested-by': '' }, 403],
    ['another one', { 'x-requested-with': 'XMLHttpRequest' }, 403],
    ['from another site, as browsers say', { 'x-requested-by': '1', 'sec-fetch-site': 'cross-site' }, 403],
    ['from a sibling host', { 'x-requested-by': '1', 'sec-fetch-site': 'same-site' }, 403],
  ])('%s', async (_, headers, status) => {
    expect(await post(headers)).toBe(status);
  });

  test('not without the setting', async () => {
    expect(await post({ 'x-requested-by': '1' }, '')).toBe(403);
  });
});

describe('the end of a login in a pop-up', () => {
  const challenge = 'c'.repeat(43);

  test('tells our own origin only, under a policy, and in no frame', async () => {
    await logIn(browser, 'ada', '/me/currentUser');
    const page = await browser.get(`/-/logged-in?challenge=${challenge}`);
    expect(page.text).toContain(`portunus: "${challenge}", code: ""`);
    expect(page.text).toContain('postMessage(message, location.origin)');
    expect(page.headers['x-frame-options']).toBe('DENY');
    expect(page.headers['content-security-policy']).toMatch(/script-src 'nonce-[^']+';.*frame-ancestors 'none'$/);
  });

  test.each([
    '',
    'x',
    `${'c'.repeat(42)}"`,
    `${challenge}c`,
    '%22%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cp%20aaaaaaaaaaaa',
    `</script>${'c'.repeat(34)}`,
  ])('a challenge that is none gets nothing: %j (T-51)', async (text) => {
    await logIn(browser, 'ada', '/me/currentUser');
    const page = await browser.get(`/-/logged-in?challenge=${text}`);
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('<script');
  });

  test('nobody is logged in: 401', async () => {
    expect((await browser.get(`/-/logged-in?challenge=${challenge}`)).status).toBe(401);
  });
});

describe('embedded in pages of another site (PORTUNUS_EMBEDDED_IN)', () => {
  const embedded: Setup = {
    ...setup,
    env: { PORTUNUS_EMBEDDED_IN: 'https://workzone.example', PORTUNUS_TRUSTED_PROXIES: '127.0.0.1/32,::1/128' },
  };
  const front = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'harbour.example' };
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const origin = 'https://harbour.example';

  beforeEach(async () => {
    made = await loginHouse(embedded, users);
  });

  /** The whole login of the window; cookies by hand, for they are Secure. */
  async function logInWindow() {
    const begun = await supertest(made.app)
      .get('/me/currentUser')
      .set({ ...front, accept: 'text/html' });
    const [attempt] = [...cookiesOf(begun).values()];
    const finished = await supertest(made.app)
      .get(`/login/callback?code=ada&state=${stateOf(begun)}`)
      .set({ ...front, cookie: attempt?.split(';')[0] ?? '' });
    return { attempt, session: cookiesOf(finished).get('JSESSIONID') ?? '' };
  }
  async function codeOf(cookie: string) {
    const page = await supertest(made.app)
      .get(`/-/logged-in?challenge=${challenge}`)
      .set({ ...front, cookie: cookie.split(';')[0] ?? '' });
    return /code: "([\w-]+)"/.exec(page.text)?.[1] ?? '';
  }
  const adopt = (form: Record<string, string>, headers: Record<string, string> = { origin }) =>
    supertest(made.app)
      .post('/-/session/adopt')
      .type('form')
      .set({ ...front, ...headers })
      .send(form);

  test('cookies are None, Secure and Partitioned, whatever the browser is', async () => {
    const { attempt, session: cookie } = await logInWindow();
    expect(attempt).toMatch(/; Secure.*; Partitioned/);
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).toMatch(/; SameSite=None/);
    expect(cookie).toMatch(/; Partitioned/);
  });

  test('those pages may frame us, and no other', async () => {
    const { headers } = await supertest(made.app).get('/-/session').set(front);
    expect(headers['x-frame-options']).toBeUndefined();
    expect(headers['content-security-policy']).toBe("frame-ancestors 'self' https://workzone.example");
  });

  test('plain http is refused: no browser would keep such a cookie', async () => {
    expect((await supertest(made.app).get('/me/currentUser')).status).toBe(403);
  });

  test('a frame gets a page with a button, for providers show themselves in no frame', async () => {
    const page = await supertest(made.app)
      .get('/me/currentUser?x="><script>')
      .set({ ...front, accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' });
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<button type="button" data-login="\/-\/login\?return_to=[^"<>]*">Log in<\/button>/);
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'self' https://workzone.example");
  });

  test('the window’s session is handed to the frame that holds the verifier, once', async () => {
    const { session: cookie } = await logInWindow();
    const code = await codeOf(cookie);
    const adopted = await adopt({ code, verifier });
    expect(adopted.status).toBe(204);
    const handed = cookiesOf(adopted).get('JSESSIONID') ?? '';
    expect(handed).toMatch(/; Secure.*; Partitioned/);
    const facts = await supertest(made.app)
      .get('/-/session')
      .set({ ...front, cookie: handed.split(';')[0] ?? '' });
    expect(facts.body).toMatchObject({ authenticated: true, user: { id: 'ada' } });
    expect((await adopt({ code, verifier })).status).toBe(401);
  });

  test.each<[string, (code: string) => [Record<string, string>, Record<string, string>?], number]>([
    ['another verifier', (code) => [{ code, verifier: 'x'.repeat(43) }], 401],
    ['no verifier', (code) => [{ code }], 401],
    ['no code', () => [{ verifier }], 401],
    ['a changed code', (code) => [{ code: `${code.slice(0, -2)}AA`, verifier }], 401],
    ['a page of another site', (code) => [{ code, verifier }, { origin: 'https://evil.example' }], 403],
    ['the embedding page itself', (code) => [{ code, verifier }, { origin: 'https://workzone.example' }], 403],
    ['an opaque origin', (code) => [{ code, verifier }, { origin: 'null' }], 403],
    ['nobody says who', (code) => [{ code, verifier }, {}], 403],
  ])('not to %s', async (_, make, status) => {
    const { session: cookie } = await logInWindow();
    const refused = await adopt(...make(await codeOf(cookie)));
    expect(refused.status).toBe(status);
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  test('nor a minute later, nor after the logout', async () => {
    const first = await codeOf((await logInWindow()).session);
    vi.advanceTimersByTime(61_000);
    expect((await adopt({ code: first, verifier })).status).toBe(401);
    const { session: cookie } = await logInWindow();
    const code = await codeOf(cookie);
    const id = decodeURIComponent(cookie.split(';')[0] ?? '').replace(/^JSESSIONID=s:|\..*$/g, '');
    await made.house.sessions.end(
      { headers: { cookie: cookie.split(';')[0] }, arrival: { scheme: 'https' } } as never,
      { clearCookie: () => {} } as never,
    );
    expect(id).not.toBe('');
    expect((await adopt({ code, verifier })).status).toBe(401);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ PORTUNUS_EMBEDDED_IN: 'workzone.example' }, /PORTUNUS_EMBEDDED_IN: "workzone.example" is no origin/],
    [{ PORTUNUS_EMBEDDED_IN: "https://x.example;script-src'*'" }, /is no origin/],
    [
      { PORTUNUS_EMBEDDED_IN: 'https://x.example', SECURE_SESSION_COOKIE: 'false' },
      /SECURE_SESSION_COOKIE: is false, but/,
    ],
  ])('%j refuses the start', async (env, message) => {
    await expect(loginHouse({ ...setup, env }, users)).rejects.toThrow(message);
  });
});
