import type { ServerResponse } from 'node:http';
import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse } from '../../support/make-house.ts';
import { cookiesOf, logIn, type Visitor, visitor } from '../../support/visitor.ts';

let upstream: Upstream;
let made: LoginHouse;
let browser: Visitor;

beforeAll(async () => {
  upstream = await startUpstream();
  made = await loginHouse(
    {
      xsApp: {
        routes: [
          { source: '^/safe/', destination: 'b' },
          { source: '^/own/', destination: 'b', csrfProtection: false },
          { source: '^/public/', destination: 'b', authenticationType: 'none' },
          { source: '^/web/(.*)$', target: '$1', localDir: 'web', cacheControl: 'public, max-age=60' },
        ],
      },
      files: { 'web/x.txt': 'x' },
      env: { destinations: [{ name: 'b', url: upstream.origin }] },
    },
    { ada: {} },
  );
});

beforeEach(async () => {
  upstream.reset();
  browser = visitor(made.app);
  await logIn(browser, 'ada', '/safe/x');
});

const fetchToken = async (path = '/safe/x') =>
  (await browser.get(path).set('x-csrf-token', 'fetch')).headers['x-csrf-token'] ?? '';

describe('getting a token (xs-app.md section 7)', () => {
  test('one for each session, the same at every fetch, by GET and HEAD, on backends and files', async () => {
    const token = await fetchToken();
    expect(token).toMatch(/^[\w-]{20,}$/);
    expect(await fetchToken('/web/x.txt')).toBe(token);
    expect((await browser.head('/safe/x').set('x-csrf-token', 'FETCH')).headers['x-csrf-token']).toBe(token);
    const other = visitor(made.app);
    await logIn(other, 'ada', '/safe/x');
    expect((await other.get('/safe/x').set('x-csrf-token', 'fetch')).headers['x-csrf-token']).not.toBe(token);
  });

  test('the backend sees nothing of it', async () => {
    await fetchToken();
    expect(upstream.last().headers).not.toHaveProperty('x-csrf-token');
  });

  test('not asked for, not given', async () => {
    expect((await browser.get('/safe/x')).headers['x-csrf-token']).toBeUndefined();
    expect((await browser.get('/safe/x').set('x-csrf-token', 'please')).headers['x-csrf-token']).toBeUndefined();
  });

  test('a backend’s own token does not take the place of ours', async () => {
    upstream.answerWith((_, response) => void response.writeHead(200, { 'x-csrf-token': 'theirs' }).end());
    expect(await fetchToken()).not.toBe('theirs');
  });
});

describe('an answer with something that is one visitor’s alone is kept by no cache, whatever the backend says of it', () => {
  const open = (_: unknown, response: ServerResponse) =>
    void response.writeHead(200, { 'cache-control': 'public, max-age=600', 'surrogate-control': 'max-age=600' }).end();

  test.each([
    ['a token', () => browser.get('/safe/x').set('x-csrf-token', 'fetch')],
    ['a new session', () => supertest(made.app).get('/public/x').set('x-csrf-token', 'fetch')],
  ])('%s', async (_, ask) => {
    upstream.answerWith(open);
    const { headers } = await ask();
    expect(headers['cache-control']).toBe('private, no-store');
    expect(headers).not.toHaveProperty('surrogate-control');
  });

  test('a backend’s session cookie that begins a session of ours', async () => {
    upstream.answerWith((_, response) => {
      response.writeHead(200, { 'cache-control': 'public, max-age=600', 'set-cookie': 'theirs=1' }).end();
    });
    const answer = await supertest(made.app).get('/public/x');
    expect(cookiesOf(answer).has('JSESSIONID')).toBe(true);
    expect(answer.headers['cache-control']).toBe('private, no-store');
  });

  test('a file with a token: what the route says of caches stays, and none may use it again', async () => {
    const { headers: plain } = await browser.get('/web/x.txt');
    expect(plain).toMatchObject({ 'cache-control': 'public, max-age=60' });
    expect(plain['vary'] ?? '').not.toContain('*');
    const { headers } = await browser.get('/web/x.txt').set('x-csrf-token', 'fetch');
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=60',
      vary: '*',
      'cdn-cache-control': 'no-store',
    });
  });

  test('any other answer is the backend’s own', async () => {
    upstream.answerWith(open);
    const { headers } = await browser.get('/safe/x');
    expect(headers).toMatchObject({ 'cache-control': 'public, max-age=600', 'surrogate-control': 'max-age=600' });
  });
});

describe('using it', () => {
  test.each(['post', 'put', 'patch', 'delete', 'options'] as const)('%s', async (method) => {
    const token = await fetchToken();
    upstream.reset();
    for (const wrong of [undefined, '', 'wrong', `${token}x`, token.slice(1), 'fetch']) {
      const asked = browser[method]('/safe/x');
      const answer = await (wrong === undefined ? asked : asked.set('x-csrf-token', wrong));
      expect(answer.status).toBe(403);
      expect(answer.headers['x-csrf-token']).toBe('Required');
      expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
    }
    expect(upstream.calls).toHaveLength(0);
    expect((await browser[method]('/safe/x').set('x-csrf-token', token)).status).toBe(200);
    expect(upstream.last().headers).not.toHaveProperty('x-csrf-token');
  });

  test('nobody is logged in: 401, not 403', async () => {
    const answer = await supertest(made.app).post('/safe/x').set('x-csrf-token', 'wrong');
    expect(answer.status).toBe(401);
  });
});

describe('a route that leaves it to the backend', () => {
  test('hands both ways what the two say', async () => {
    upstream.answerWith((_, response) => void response.writeHead(200, { 'x-csrf-token': 'theirs' }).end());
    expect(await fetchToken('/own/x')).toBe('theirs');
    expect(upstream.last().headers['x-csrf-token']).toBe('fetch');
    expect((await browser.post('/own/x').set('x-csrf-token', 'theirs')).status).toBe(200);
    expect(upstream.last().headers['x-csrf-token']).toBe('theirs');
  });
});

describe('a public route', () => {
  test('refuses nobody', async () => {
    expect((await supertest(made.app).post('/public/x')).status).toBe(200);
  });

  test('gives a token with a session of its own, and tells the backend too', async () => {
    const answer = await supertest(made.app).get('/public/x').set('x-csrf-token', 'fetch');
    expect(answer.headers['x-csrf-token']).toMatch(/^[\w-]{20,}$/);
    expect(cookiesOf(answer).has('JSESSIONID')).toBe(true);
    expect(upstream.last().headers['x-csrf-token']).toBe('fetch');
  });
});
