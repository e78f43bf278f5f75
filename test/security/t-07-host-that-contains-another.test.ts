import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openRouter, type Router } from '../e2e/approuter/support/open-router.ts';
import { ask } from '../e2e/support/ask.ts';

/**
 * T-07. http-proxy-middleware looked up its routing table by substrings of host and path: `good.example.evil.tld` was
 * `good.example` (CVE-2026-55602).
 *
 * What must hold: where the host chooses the destination, it does so by the owner's expression on the whole host and by
 * a whole destination name; a host within a longer one, or within a path, chooses nothing.
 */
let good: Backend;
let other: Backend;
let router: Router;
beforeAll(async () => {
  [good, other] = await Promise.all([openBackend(), openBackend()]);
  router = await openRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: '*' }] },
    env: {
      DESTINATION_HOST_PATTERN: '^([a-z]+)[.]harbour[.]example(?::\\d+)?$',
      destinations: [
        { name: 'good', url: good.origin },
        { name: 'other', url: other.origin },
      ],
    },
  });
});
beforeEach(() => {
  good.forget();
  other.forget();
});
const statusFor = async (host: string, target = '/') =>
  (await ask(router.origin, target, { headers: { host } })).status;

test('the right host leads to the right backend only', async () => {
  expect(await statusFor('good.harbour.example')).toBe(200);
  expect(await statusFor('other.harbour.example:8080')).toBe(200);
  expect([good.calls.length, other.calls.length]).toEqual([1, 1]);
});

test.each([
  'good.harbour.example.evil.tld',
  'evil-good.harbour.example',
  'good.harbour.example.',
  'x.good.harbour.example',
  'goods.harbour.example',
  'goo.harbour.example',
  'good.harbour.example:80:80',
  'good.harbour.example@evil.tld',
  'evil.tld',
  'good',
  'good-harbour.example',
  'GOOD.harbour.example/',
  'good.harbour.example,other.harbour.example',
  '',
  'constructor.harbour.example',
  'prototype.harbour.example',
  'good.harbour.example%00',
  '[good.harbour.example]',
])('%j leads nowhere', async (host) => {
  expect([400, 404]).toContain(await statusFor(host));
  expect([...good.calls, ...other.calls]).toEqual([]);
});

test('a host in the path or in a header that only proxies may set chooses nothing', async () => {
  const headers = {
    host: 'evil.tld',
    'x-forwarded-host': 'good.harbour.example',
    forwarded: 'host=good.harbour.example',
  };
  for (const target of ['/good.harbour.example/', '//good.harbour.example/', '/?h=good.harbour.example'])
    expect((await ask(router.origin, target, { headers })).status).toBe(404);
  expect([...good.calls, ...other.calls]).toEqual([]);
});
