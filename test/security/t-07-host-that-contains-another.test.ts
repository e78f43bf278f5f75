import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, openClient } from '../e2e/approuter/support/client.ts';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openRouter, type Router } from '../e2e/approuter/support/open-router.ts';
import { openXsuaa } from '../e2e/approuter/support/open-xsuaa.ts';
import { ask } from '../e2e/support/ask.ts';
import { startTokenIssuer } from '../support/token-issuer.ts';

/**
 * T-07. http-proxy-middleware looked up its routing table by substrings of host and path: `good.example.evil.tld` was
 * `good.example` (CVE-2026-55602).
 *
 * What must hold: where the host chooses the destination, it does so by the owner's expression on the whole host and by
 * a whole destination name; a host within a longer one, or within a path, chooses nothing. Where a host has an identity
 * provider of its own, no other way to write it has another one.
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

describe('a host with a provider of its own (PORTUNUS_PROVIDER_OF_HOST)', () => {
  let router: Router;
  let client: Client;
  beforeAll(async () => {
    const [xsuaa, partners] = await Promise.all([openXsuaa(), startTokenIssuer()]);
    router = await openRouter({
      xsuaa,
      xsApp: { routes: [{ source: '^/', destination: '*' }] },
      files: {
        'identity-providers.json': [
          { name: 'partners', OIDC_ISSUER: partners.origin, OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'hush' },
        ],
      },
      env: {
        PORTUNUS_PROVIDER_OF_HOST: { 'Other.harbour.example': 'partners', '*.pier.example': 'partners' },
        // As somebody in a hurry would write it: more than these hosts lead to the backends.
        DESTINATION_HOST_PATTERN: '^([a-z]+)[.]',
        destinations: [
          { name: 'good', url: good.origin },
          { name: 'other', url: other.origin },
        ],
      },
    });
    client = openClient(router.origin);
    await client.logIn('/');
  });
  const statusAt = async (host: string) =>
    (await client.ask('/', { headers: { host, accept: 'application/json' } })).status;

  test('is another host than those where the user is logged in', async () => {
    expect(await statusAt('good.harbour.example')).toBe(200);
    expect(good.calls).toHaveLength(1);
  });

  test.each([
    'other.harbour.example',
    'other.harbour.example:443',
    'other.HARBOUR.Example',
    'other.harbour.example.',
    'other.harbour.example.:8080',
    'other.pier.example',
    'other.north.pier.example',
    'other.PIER.example.:1',
  ])('%s is that host: a session of another provider does not open it', async (host) => {
    expect(await statusAt(host)).toBe(401);
    expect(other.calls).toEqual([]);
  });
});
