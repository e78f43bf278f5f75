import { beforeAll, describe, expect, test } from 'vitest';
import { refuseStrangers } from '../../src/inspector/guard.ts';
import { ask } from '../e2e/support/ask.ts';
import { openRouter, type Router } from '../e2e/support/open-router.ts';
import { startVerdict } from '../support/make-house.ts';

/**
 * T-42. Debugging pages were opened by strangers where they were left on (Spring's actuators, Werkzeug's console), and by
 * pages of the internet where they were "only on localhost": by DNS rebinding (webpack-dev-server CVE-2018-14732, Ollama
 * CVE-2024-28224), by scripts of another origin, through a proxy on the same machine.
 *
 * What must hold: without the switch there is no inspector. With it, the router does not even start where others could
 * reach it; and it answers who is at this machine, by a name of this machine, from its own page, and nobody else.
 */
let on: Router;
let off: Router;
const xsApp = {
  authenticationMethod: 'none',
  cors: [{ uriPattern: '.*', allowedOrigin: [{ host: 'friend.example' }] }],
};

beforeAll(async () => {
  off = await openRouter({ xsApp });
  on = await openRouter({ xsApp, env: { PORTUNUS_INSPECTOR: 'on' } });
});

const paths = ['/-/inspector', '/-/inspector/events', '/-/inspector/page.js', '/-/inspector/page.css'];
const hostOf = ({ port }: Router) => `localhost:${port}`;
/** HEAD shows the same decision without a stream that stays open. */
const statusOf = async (path: string, headers: Record<string, string>, method = 'HEAD') =>
  (await ask(on.origin, path, { method, headers: { host: hostOf(on), ...headers } })).status;

describe('where it is', () => {
  test.each(paths)('%s is there with the switch and not without it', async (path) => {
    expect((await ask(off.origin, path, { headers: { host: hostOf(off) } })).status).toBe(404);
    expect(await statusOf(path, {})).toBe(200);
  });

  test.each(['localhost', '127.0.0.1', '[::1]', '127.8.8.8', 'demo.localhost', 'LOCALHOST'])(
    '%s is this machine',
    async (name) => {
      expect(await statusOf('/-/inspector', { host: `${name}:${on.port}` })).toBe(200);
    },
  );

  test('no other file can be asked for', async () => {
    for (const path of [
      '/-/inspector/',
      '/-/inspector/index.html',
      '/-/inspector/page.js/',
      '/-/inspector/../package.json',
      '/-/inspector/%2e%2e/package.json',
      '/-/inspector//page.js',
    ])
      expect([path, (await ask(on.origin, path, { headers: { host: hostOf(on) } })).status >= 400]).toEqual([
        path,
        true,
      ]);
  });
});

describe('whom it does not answer', () => {
  const strangers: readonly (readonly [who: string, headers: Record<string, string>])[] = [
    ['a name that was made to lead here (DNS rebinding)', { host: 'rebound.example:5000' }],
    ['a name that only begins like this machine', { host: 'localhost.rebound.example' }],
    ['an address that only begins like this machine', { host: '127.0.0.1.rebound.example' }],
    ['the address of another machine', { host: '10.0.0.7' }],
    ['this machine under the address of all', { host: '0.0.0.0' }],
    ['a script of another origin', { origin: 'https://rebound.example' }],
    ['a script of an origin that CORS allows on routes', { origin: 'https://friend.example' }],
    ['another port of this machine', { origin: 'http://localhost:3000' }],
    ['a page in a sandbox', { origin: 'null' }],
    ['another site, as its browser says', { 'sec-fetch-site': 'cross-site' }],
    ['another port, as its browser says', { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'script' }],
    ['a frame in another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }],
    ['somebody behind a proxy on this machine', { 'x-forwarded-for': '203.0.113.9' }],
    ['somebody behind a proxy that says so as RFC 7239 does', { forwarded: 'for=203.0.113.9' }],
    ['somebody behind a proxy that gives another host', { 'x-forwarded-host': 'public.example' }],
    ['somebody behind a proxy that names itself', { via: '1.1 proxy' }],
  ];
  test.each(strangers)('%s', async (_who, headers) => {
    for (const path of paths) expect([path, await statusOf(path, headers)]).toEqual([path, 403]);
    expect(await statusOf('/-/inspector/events', headers, 'DELETE')).toBe(403);
    const { text } = await ask(on.origin, '/-/inspector', { headers: { host: hostOf(on), ...headers } });
    expect(text).not.toContain('page.js');
  });

  test('a link from elsewhere leads to the page, which holds nothing by itself; not to what it gets', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(await statusOf('/-/inspector', link)).toBe(200);
    expect(await statusOf('/-/inspector/events', link)).toBe(403);
  });

  test.each(['10.0.0.7', '192.168.1.4', '::ffff:10.0.0.7', 'fe80::1', '128.0.0.1', undefined])(
    'a peer at %s, should the door ever be open to it',
    (remoteAddress) => {
      const request = { headers: { host: 'localhost:5000' }, socket: { remoteAddress } };
      expect(() => refuseStrangers(request as never, 'http', true)).toThrow(/not for you/);
    },
  );
});

describe('where it is not even started', () => {
  const wrong: readonly (readonly [where: string, env: Record<string, string>])[] = [
    ['on all addresses', {}],
    ['on all addresses, said so', { XS_BIND_ADDRESS: '0.0.0.0' }],
    ['on all addresses of IPv6', { XS_BIND_ADDRESS: '::' }],
    ['on an address of the network', { XS_BIND_ADDRESS: '10.0.0.7' }],
    ['on Cloud Foundry', { XS_BIND_ADDRESS: '127.0.0.1', VCAP_APPLICATION: '{}' }],
  ];
  test.each(wrong)('%s', async (_where, env) => {
    const { problems } = await startVerdict({ xsApp, env: { ...env, PORTUNUS_INSPECTOR: 'on' } });
    expect(problems.join()).toContain('PORTUNUS_INSPECTOR');
  });

  test('with a word that is neither on nor off', async () => {
    const env = { XS_BIND_ADDRESS: '127.0.0.1', PORTUNUS_INSPECTOR: 'yes' };
    expect((await startVerdict({ xsApp, env })).problems).toEqual(['PORTUNUS_INSPECTOR: must be off or on']);
  });

  test.each(['127.0.0.1', 'localhost', '::1'])('but on %s it is', async (address) => {
    const env = { XS_BIND_ADDRESS: address, PORTUNUS_INSPECTOR: 'on' };
    expect((await startVerdict({ xsApp, env })).problems).toEqual([]);
  });
});

test('its page runs nothing but its own files, and nobody frames it', async () => {
  const { headers } = await ask(on.origin, '/-/inspector', { headers: { host: hostOf(on) } });
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
  expect(policy).not.toMatch(/unsafe|\*|data:|http/);
  expect(headers['x-frame-options']).toBe('DENY');
});
