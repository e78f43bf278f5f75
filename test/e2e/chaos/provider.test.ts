import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { sessionCookie } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter } from '../support/open-router.ts';
import { type Afloat, expectNothingLeft, openAfloat } from './support/open-afloat.ts';
import { openProvider, type Provider } from './support/open-provider.ts';

/** An identity provider that talks nonsense, or is away: nobody gets in by it, nobody who is in is put out, and it passes. */
let backend: Backend;
let provider: Provider;
let router: Afloat;
const setup = (env: object = {}) => ({
  xsApp: { routes: [{ source: '^/quay/', destination: 'quay', csrfProtection: false }] },
  env: {
    ...provider.env,
    SESSION_TIMEOUT: '600',
    OUTGOING_REQUEST_OPTIONS: { identity: { timeout: 1_000 } },
    destinations: [{ name: 'quay', url: backend.origin }],
    ...env,
  },
});
beforeAll(async () => {
  [backend, provider] = await Promise.all([openBackend(), openProvider()]);
  provider.ways.instead.set('/openid-configuration', (request) => void request.socket.destroy());
  router = await openAfloat(setup());
}, 60_000);
afterEach(() => {
  provider.ways.instead.clear();
  vi.useRealTimers();
  router.expectAfloat(['ERR_LOGIN_FAILED']);
});

const json = { 'content-type': 'application/json' };
const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
const garbage: Readonly<Record<string, RequestListener>> = {
  'a page': (_, response) => void response.setHeader('content-type', 'text/html').end('<h1>Maintenance</h1>'),
  nothing: (_, response) => void response.writeHead(200, json).end(),
  'an error': (_, response) => void response.writeHead(503, json).end('{"error":"temporarily_unavailable"}'),
  'half of it': (_, response) => void response.writeHead(200, json).end('{"issuer":"http'),
  'a list': (_, response) => void response.writeHead(200, json).end('[1,2]'),
  null: (_, response) => void response.writeHead(200, json).end('null'),
  'what is of another kind': (_, response) =>
    void response.writeHead(200, json).end('{"keys":{"a":1},"issuer":7,"id_token":[]}'),
  'a body without end': (_, response) => {
    const piece = Buffer.alloc(65_536, ' ');
    const flood = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.writeHead(200, json).on('drain', flood);
    flood();
  },
  'a drop of it now and then': (_, response) => {
    response.writeHead(200, json);
    const dripping = setInterval(() => response.write(' '), 50);
    response.once('close', () => clearInterval(dripping));
  },
  '50 MB that were packed into 50 KB': (_, response) =>
    void response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb),
  'a redirect': (_, response) => void response.writeHead(302, { location: `${backend.origin}/elsewhere` }).end(),
  'a broken connection': (request) => void request.socket.resetAndDestroy(),
};

const at = (path: string) => router.origin + path;

describe.each([
  ['metadata', '/openid-configuration'],
  ['keys', '/keys'],
  ['tokens', '/token'],
])('in place of its %s the provider gives', (_, end) => {
  test.each(Object.keys(garbage))('%s: no login, and no defect', async (which) => {
    provider.ways.instead.set(end, garbage[which] as RequestListener);
    await provider.rotate();
    backend.forget();
    const browser = openBrowser();
    const page = await browser.open(at('/quay/'));
    // JSON of the wrong content may be the fault of whoever answered: the user may try again.
    expect(end === '/token' ? [401, 502] : [502]).toContain(page.status);
    expect(page.header('content-type')).toContain('text/html');
    expect(sessionCookie(browser, router.origin)).toBeUndefined();
    expect(backend.received, 'neither the page nor a redirect got anywhere').toHaveLength(0);
  });

  test('what is right again: people log in', async () => {
    expect((await openBrowser().open(at('/quay/'))).status).toBe(200);
  });
});

test('a hundred of these leave nothing behind', async () => {
  const browsers = Array.from({ length: 5 }, () => openBrowser());
  const kinds = Object.values(garbage).filter((listener) => listener !== garbage['a drop of it now and then']);
  const round = async () => {
    for (const listener of kinds) {
      provider.ways.instead.set('/token', listener);
      await Promise.all(browsers.map((browser) => browser.open(at('/quay/'))));
    }
  };
  await round();
  const before = await router.held();
  await round();
  await expectNothingLeft(router, before);
  const after = await router.held();
  expect(after.heap - before.heap, `${before.heap} → ${after.heap}`).toBeLessThan(3_000_000);
}, 60_000);

test('away when a token is to be renewed: it is used until its end; then a login; back again, all is well', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { origin } = await openRouter(setup({ XS_APP_LOG_LEVEL: 'silent' }));
  const browser = openBrowser();
  const minutes = (count: number) => vi.advanceTimersByTime(count * 60_000);
  const status = async () => (await browser.fetch(`${origin}/quay/`)).status;
  await browser.open(`${origin}/quay/`);
  await provider.down();
  minutes(56);
  expect(await status()).toBe(200);
  minutes(3);
  expect(await status()).toBe(200);
  minutes(2);
  expect(await status()).toBe(401);
  await provider.up();
  minutes(1);
  expect(await status(), 'its refresh token is still good').toBe(200);
});
