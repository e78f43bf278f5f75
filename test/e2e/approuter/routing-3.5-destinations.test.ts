import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';

/** xs-app.md 3.5: destinations named by the path, by the host, and who may be named so (T-70). */

let tug: Backend;
let crane: Backend;
let router: Router;
beforeAll(async () => {
  [tug, crane] = await Promise.all([openBackend(), openBackend()]);
  router = await openRouter({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/tow/([^/]+)/(.*)$', target: '$2', destination: '$1' },
        { source: '^/pair/([^/]+)/([^/]+)/(.*)$', target: '$3', destination: '$1-$2' },
        { source: '^/twice/([^/]+)/', target: '/', destination: '$1$1' },
        { source: '^/zero/([^/]+)/', target: '/', destination: '$10' },
        { source: '^/maybe/(?:x|([^/]+))/', target: '/', destination: 'tug$1' },
        { source: '^/fixed/', destination: 'Marked' },
        { source: '^/hidden/', destination: 'unmarked' },
        { source: '^/host/(.*)$', target: '/$1', destination: '*' },
      ],
    },
    env: {
      DESTINATION_HOST_PATTERN: '^([a-z0-9.-]+)\\.gate\\.example(?::\\d+)?$',
      destinations: [
        { name: 'tug', url: tug.origin },
        { name: 'tug5', url: `${tug.origin}/five` },
        { name: 'tug-five', url: `${tug.origin}/pair` },
        { name: 'tugtug', url: `${tug.origin}/twice` },
        { name: 'tug0', url: `${tug.origin}/zero` },
        { name: 'closed', url: tug.origin, 'HTML5.DynamicDestination': false },
        { name: 'constructor', url: `${crane.origin}/constructor` },
        { name: 'both', url: `${tug.origin}/environment` },
      ],
    },
    files: {
      'destinations.json': [
        { Name: 'Marked', Type: 'HTTP', URL: `${crane.origin}/marked`, 'HTML5.DynamicDestination': 'true' },
        { Name: 'Shouted', Type: 'HTTP', URL: `${crane.origin}/shouted`, 'HTML5.DynamicDestination': 'TRUE' },
        { Name: 'bool', Type: 'HTTP', URL: `${crane.origin}/bool`, 'HTML5.DynamicDestination': true },
        { Name: 'unmarked', Type: 'HTTP', URL: `${crane.origin}/unmarked` },
        { Name: 'denied', Type: 'HTTP', URL: `${crane.origin}/denied`, 'HTML5.DynamicDestination': 'false' },
        { Name: 'both', Type: 'HTTP', URL: `${crane.origin}/file`, 'HTML5.DynamicDestination': 'true' },
        { Name: 'erp', Type: 'RFC', 'HTML5.DynamicDestination': 'true' },
        { Name: 'wharf', Type: 'HTTP', URL: crane.origin, ProxyType: 'OnPremise' },
      ],
    },
  });
});
beforeEach(() => {
  tug.forget();
  crane.forget();
});

const seen = () => [...tug.calls, ...crane.calls].map(({ url }) => url);

describe('by path', () => {
  it.each<[what: string, target: string, seen: string]>([
    ['the table', '/tow/tug5/engine', '/five/engine'],
    ['with a query', '/tow/tug/engine?x=1', '/engine?x=1'],
    ['of two groups', '/pair/tug/five/e', '/pair/e'],
    ['a group used twice', '/twice/tug/e', '/twice/e'],
    ['$10 of one group is the group and a 0, as in target', '/zero/tug/e', '/zero/e'],
    ['a group that took no part is empty', '/maybe/x/e', '/e'],
    ['a mark in destinations.json', '/tow/Marked/e', '/marked/e'],
    ['a mark in capitals', '/tow/Shouted/e', '/shouted/e'],
    ['a mark that is a boolean', '/tow/bool/e', '/bool/e'],
    ['of the environment without a mark', '/tow/tug/e', '/e'],
    ['the environment hides the file', '/tow/both/e', '/environment/e'],
    ['a name that every object has', '/tow/constructor/e', '/constructor/e'],
  ])('%s: %s', async (_, target, expected) => {
    expect((await ask(router.origin, target)).status).toBe(200);
    expect(seen()).toEqual([expected]);
  });

  it('a static name needs no mark', async () => {
    expect((await ask(router.origin, '/hidden/e')).status).toBe(200);
    expect(seen()).toEqual(['/unmarked/hidden/e']);
  });

  it.each([
    'nope',
    'unmarked',
    'denied',
    'closed',
    'TUG',
    'marked',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'tug%2Ffive',
    'tug%00',
    'tug@evil.example',
    'tug.',
    'tug;x',
    'http:%2f%2fevil.example',
    '$1',
    '*',
    'x'.repeat(300),
  ])('%s is nobody: 404, and nothing is called', async (name) => {
    const { status } = await ask(router.origin, `/tow/${name}/e`);
    expect([400, 404]).toContain(status);
    expect(seen()).toEqual([]);
  });
});

describe('by host', () => {
  it.each([
    ['tug.gate.example', '/e?x=1'],
    ['tug.gate.example:8080', '/e?x=1'],
  ])('%s names the destination', async (host, expected) => {
    expect((await ask(router.origin, '/host/e?x=1', { headers: { host } })).status).toBe(200);
    expect(seen()).toEqual([expected]);
  });

  it.each(['nope.gate.example', 'unmarked.gate.example', 'gate.example', 'tug.gate.example.evil.tld', 'tug.other'])(
    '%s names nobody: 404',
    async (host) => {
      expect((await ask(router.origin, '/host/e', { headers: { host } })).status).toBe(404);
      expect(seen()).toEqual([]);
    },
  );

  it('a forwarded host of an untrusted peer names nobody (T-11)', async () => {
    const headers = {
      host: 'nope.gate.example',
      'x-forwarded-host': 'tug.gate.example',
      'x-custom-host': 'tug.gate.example',
    };
    expect((await ask(router.origin, '/host/e', { headers })).status).toBe(404);
    expect(seen()).toEqual([]);
  });
});

describe('by host, with a pattern for hosts without port', () => {
  it.each(['tug.gate.example', 'tug.gate.example:5000'])('%s names the destination', async (host) => {
    const anchored = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: '*' }] },
      env: {
        DESTINATION_HOST_PATTERN: '^([a-z0-9]+)\\.gate\\.example$',
        destinations: [{ name: 'tug', url: tug.origin }],
      },
    });
    expect((await ask(anchored.origin, '/e', { headers: { host } })).status).toBe(200);
    expect(seen()).toEqual(['/e']);
  });
});

describe("one that stands in a cockpit's export and cannot be forwarded to", () => {
  it('does not keep the router from its start; who names it is told why it fails', async () => {
    const reply = await ask(router.origin, '/tow/erp/e', { headers: { accept: 'application/json' } });
    expect(reply.status).toBe(502);
    expect(JSON.parse(reply.text).detail).toBe(
      'Destination erp cannot be used: only destinations of type HTTP can be forwarded to, not RFC.',
    );
  });

  it('is nobody where no request may name it', async () => {
    expect((await ask(router.origin, '/tow/wharf/e')).status).toBe(404);
    expect(seen()).toEqual([]);
  });

  it('refuses the start where a route names it', async () => {
    const start = openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'wharf' }] },
      files: { 'destinations.json': [{ Name: 'wharf', URL: 'http://wharf:44300', ProxyType: 'OnPremise' }] },
    });
    await expect(start).rejects.toThrow(/routes\/0\/destination: "wharf" cannot be used: OnPremise needs a Cloud/);
  });
});
