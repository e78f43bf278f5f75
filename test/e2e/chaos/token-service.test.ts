import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { type Afloat, expectNothingLeft, openAfloat } from './support/open-afloat.ts';

/**
 * What a token service may do in production: statuses and what is remembered. (Garbage of every kind, its limits and what is
 * told of it: `test/e2e/flows/token-service-trouble.test.ts`.)
 */
const names = Array.from({ length: 12 }, (_, i) => `t${i}`);
let api: Backend;
let tokens: Backend;
let router: Afloat;
let next = 0;
/** A destination that nobody has asked for yet: what is remembered is remembered for each. */
let name = '';
beforeAll(async () => {
  [api, tokens] = await Promise.all([openBackend(), openBackend()]);
  const base = {
    url: api.origin,
    Authentication: 'OAuth2ClientCredentials',
    clientSecret: 'hush',
    tokenServiceURL: `${tokens.origin}/token`,
    'tokenServiceURL.SocketReadTimeoutInSeconds': 1,
    'tokenServiceURL.ConnectionTimeoutInSeconds': 1,
  };
  router = await openAfloat({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/([a-z]+\\d*)/', target: '/', destination: '$1' }] },
    env: {
      destinations: [
        ...names.map((each) => ({ ...base, name: each, clientId: each })),
        { ...base, name: 'refused', clientId: 'refused', tokenServiceURL: 'http://127.0.0.1:1/token' },
        { ...base, name: 'nameless', clientId: 'nameless', tokenServiceURL: 'https://nowhere.invalid/token' },
      ],
    },
  });
}, 60_000);
beforeEach(() => {
  name = names[next++] ?? '';
  for (const backend of [api, tokens]) backend.forget();
});
afterEach(async () => {
  router.expectAfloat(['ERR_TOKEN_SERVICE']);
});

const call = (destination = name) =>
  ask(router.origin, `/${destination}/x`, { headers: { accept: 'application/json' } });
const json = { 'content-type': 'application/json' };
const giving =
  (body: object, status = 200, headers = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { ...json, ...headers }).end(JSON.stringify(body));
const good = giving({ access_token: 'abc', token_type: 'Bearer', expires_in: 3_600 });

describe.each([
  ['429', giving({ error: 'temporarily_unavailable' }, 429, { 'retry-after': '1' })],
  ['503', giving({ error: 'temporarily_unavailable' }, 503, { 'retry-after': '1' })],
])('%s with Retry-After', (_, refusal) => {
  test('is 502 with Retry-After, asked about once until then, and over afterwards', async () => {
    tokens.answerWith(refusal);
    for (let i = 0; i < 5; i++) {
      const reply = await call();
      expect([reply.status, reply.headers['retry-after']]).toEqual([502, '1']);
      expect(JSON.parse(reply.text)).toMatchObject({ code: 'ERR_TOKEN_SERVICE' });
    }
    tokens.answerWith(good);
    expect(api.received).toHaveLength(0);
    await vi.waitFor(async () => expect((await call()).status).toBe(200), { timeout: 5_000, interval: 50 });
  });
});

test('without Retry-After, passing trouble is waited out: the caller does not notice', async () => {
  let times = 0;
  tokens.answerWith((request, response) =>
    ++times < 3 ? void response.writeHead(502).end('<h1>Bad Gateway</h1>') : good(request, response),
  );
  expect((await call()).status).toBe(200);
  expect(times).toBe(3);
});

describe('a token that lives for', () => {
  test.each<[unknown, number]>([
    [-1, 3],
    [0, 3],
    ['NaN', 1],
    [1e300, 1],
    ['3600', 1],
  ])('%o seconds is shown, and asked for %i times in three calls', async (expires, times) => {
    tokens.answerWith(giving({ access_token: 'abc', token_type: 'Bearer', expires_in: expires }));
    for (let i = 0; i < 3; i++) expect((await call()).status).toBe(200);
    expect(tokens.received).toHaveLength(times);
    expect(api.last().headers.authorization).toBe('Bearer abc');
  });
});

const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
const faults: readonly RequestListener[] = [
  (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'),
  (_, response) => void response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb),
  (request) => void request.socket.resetAndDestroy(),
  (_, response) => {
    response.writeHead(200, { ...json, 'content-length': '100' }).write('{"access_token":"ab');
    setTimeout(() => response.destroy(), 5);
  },
  (_, response) => void response.writeHead(302, { location: api.origin }).end(),
  giving({ access_token: 7 }),
];

test('three hundred failures of every kind leave nothing behind, no token is kept from them, and it recovers', async () => {
  const round = async () => {
    for (const fault of faults) {
      tokens.answerWith(fault);
      for (let i = 0; i < 50; i += 10) {
        const replies = await Promise.all(Array.from({ length: 10 }, () => call()));
        expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([502]));
      }
    }
    for (const away of ['refused', 'nameless']) expect((await call(away)).status).toBe(502);
  };
  await round();
  const before = await router.held();
  await round();
  await expectNothingLeft(router, before);
  const after = await router.held();
  expect(after.heap - before.heap, `${before.heap} → ${after.heap}`).toBeLessThan(2_500_000);
  expect(api.received).toHaveLength(0);
  tokens.answerWith(good);
  expect((await call()).status).toBe(200);
}, 60_000);
