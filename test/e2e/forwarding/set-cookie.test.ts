import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, type Reply } from '../support/ask.ts';
import { openBrowser } from '../support/browser.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';

/** Cookies of backends: session cookies stay here, lasting ones go to the client, and no line is lost (xs-app.md 8.2). */
let backend: Backend;
let other: Backend;
let router: Router;
beforeAll(async () => {
  [backend, other] = await Promise.all([openBackend(), openBackend()]);
  const to = { target: '/', authenticationType: 'none' };
  router = await openRouter({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/kept/', destination: 'kept', ...to },
        { source: '^/passed/', destination: 'kept', setBackendSessionCookies: true, ...to },
        { source: '^/other/', destination: 'other', ...to },
      ],
    },
    env: {
      destinations: [
        { name: 'kept', url: backend.origin },
        { name: 'other', url: other.origin },
      ],
    },
  });
});
beforeEach(() => {
  backend.forget();
  backend.answerWith(undefined);
});

const body = `{"ships":"${'x'.repeat(3_000)}"}`;
const setting = (...cookies: string[]) =>
  backend.answerWith(
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': cookies }).end(body),
  );
const lines = ({ headers }: Reply) => headers['set-cookie'] ?? [];
const lasting = ['a=1; Max-Age=60; Path=/', 'a=2; Max-Age=60; Path=/x', 'b=3; Expires=Wed, 09 Jun 2100 10:18:14 GMT'];
const gzip = { headers: { 'accept-encoding': 'gzip' } };

describe('lasting cookies', () => {
  test.each([
    ['as it is', {}, undefined],
    ['compressed', gzip, 'gzip'],
  ])('all reach the client, two of one name included, with the answer %s', async (_, question, encoding) => {
    setting(...lasting);
    const reply = await ask(router.origin, '/kept/', question);
    expect(reply.headers['content-encoding']).toBe(encoding);
    expect(lines(reply)).toEqual(lasting);
  });

  test.each([{}, gzip])('reach it beside a new session cookie of ours, which comes once', async (question) => {
    setting('jar=1', ...lasting);
    const reply = await ask(router.origin, '/kept/', question);
    const [ours, ...theirs] = lines(reply).toSorted(
      (one, two) => Number(two.startsWith('JSESSIONID')) - Number(one.startsWith('JSESSIONID')),
    );
    expect(ours).toMatch(/^JSESSIONID=s%3A[^;]+; Path=\/; HttpOnly/);
    expect(theirs).toEqual(lasting);
  });

  test('reach it beside a CSRF token that was asked for', async () => {
    setting(...lasting);
    const reply = await ask(router.origin, '/kept/', {
      headers: { 'x-csrf-token': 'fetch', 'accept-encoding': 'gzip' },
    });
    expect(reply.headers['x-csrf-token']).toBeTruthy();
    expect(lines(reply)).toHaveLength(lasting.length + 1);
  });
});

describe("a backend's session cookie", () => {
  test('stays here and is sent back to that destination only, where its path fits', async () => {
    const browser = openBrowser();
    setting('crane=7; Path=/', 'deck=2; Path=/deep', 'hull=1; Secure');
    const first = await browser.fetch(`${router.origin}/kept/`);
    expect(first.setCookies.map((line) => line.split('=')[0])).toEqual(['JSESSIONID']);
    await browser.fetch(`${router.origin}/kept/deep/x`);
    expect(backend.last().headers.cookie).toBe('deck=2; crane=7');
    await browser.fetch(`${router.origin}/kept/deeper`);
    expect(backend.last().headers.cookie).toBe('crane=7');
    await browser.fetch(`${router.origin}/other/`);
    expect(other.last().headers.cookie).toBeUndefined();
  });

  test('is replaced by the next one of its name, and never mixed with the client’s', async () => {
    const browser = openBrowser();
    setting('crane=7');
    await browser.fetch(`${router.origin}/kept/`);
    setting('crane=8');
    browser.plant(`${router.origin}/`, 'crane=mine; Path=/');
    browser.plant(`${router.origin}/`, 'ship=Argo; Path=/');
    await browser.fetch(`${router.origin}/kept/`);
    await browser.fetch(`${router.origin}/kept/`);
    expect(backend.last().headers.cookie?.split('; ').sort()).toEqual(['crane=8', 'ship=Argo']);
  });

  test('named like ours never replaces it, not even with an end of its own', async () => {
    const browser = openBrowser();
    setting('jar=1');
    await browser.fetch(`${router.origin}/kept/`);
    const ours = browser.cookie(router.origin, 'JSESSIONID');
    setting('JSESSIONID=theirs; Path=/', 'JSESSIONID=lasting; Path=/; Max-Age=99', 'portunus.login.x=1; Max-Age=9');
    expect((await browser.fetch(`${router.origin}/kept/`)).setCookies).toEqual([]);
    expect(browser.cookie(router.origin, 'JSESSIONID')).toBe(ours);
    await browser.fetch(`${router.origin}/kept/`);
    expect(backend.last().headers.cookie, 'the backend has its own back').toContain('JSESSIONID=lasting');
    expect(backend.last().headers.cookie).not.toContain('s%3A');
  });

  test('goes to the client where the route says so, and nothing is kept', async () => {
    setting('crane=7', 'JSESSIONID=theirs');
    const reply = await ask(router.origin, '/passed/');
    expect(lines(reply)).toContain('crane=7');
    expect(lines(reply).join()).not.toContain('s%3A');
  });

  test('that is no cookie at all breaks nothing', async () => {
    setting('', '=', ';', '=x', '__proto__=1', 'constructor', `long=${'x'.repeat(8_000)}; Max-Age=1`);
    const reply = await ask(router.origin, '/kept/');
    expect(reply.status).toBe(200);
    expect(reply.text).toBe(body);
  });
});
