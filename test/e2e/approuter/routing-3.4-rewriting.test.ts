import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';

/** xs-app.md 3.4: what the backend sees of a request target. */

type Line = readonly [
  what: string,
  source: string,
  target: string | undefined,
  base: string,
  request: string,
  seen: string,
];

const lines: readonly Line[] = [
  ['the table: a group', '^/quay/(.*)$', '/berths/$1', '', '/quay/7?full=1', '/berths/7?full=1'],
  [
    'the table: a greedy group swallows the query',
    '^/quay/(.*)$',
    '/berths/$1/log',
    '',
    '/quay/7?full=1',
    '/berths/7?full=1/log',
  ],
  [
    'the table: path and query apart',
    '^/quay/([^?]*)(.*)$',
    '/berths/$1/log$2',
    '',
    '/quay/7?full=1',
    '/berths/7/log?full=1',
  ],
  ['the table: what is outside the match stays', '^/quay/', '/berths/', '', '/quay/7/log', '/berths/7/log'],
  ['the table: no target, a base path', '^/quay/(.*)$', undefined, '/api/v1', '/quay/7', '/api/v1/quay/7'],
  ['the table: a base path with a slash', '^/quay/(.*)$', '$1', '/api/v1/', '/quay/7', '/api/v1/7'],
  ['no target and no base', '^/quay/', undefined, '', '/quay/7?a=b', '/quay/7?a=b'],
  ['no target keeps the query behind a base', '^/quay/', undefined, '/api/', '/quay/7?a=b', '/api/quay/7?a=b'],
  ['the query outside the match stays', '^/quay/(\\d+)', '/b/$1', '', '/quay/7?full=1', '/b/7?full=1'],
  ['no group and the end: the query is dropped', '^/quay/.*$', '/fixed', '', '/quay/7?full=1', '/fixed'],
  ['what stands before the match stays', 'quay', 'berth', '', '/x/quay/7', '/x/berth/7'],
  ['only the first match is replaced', 'quay', 'berth', '', '/quay/quay?quay', '/berth/quay?quay'],
  ['a match in the query is replaced there', 'to=quay', 'to=sea', '', '/x?to=quay', '/x?to=sea'],
  ['groups may change order', '^/(\\w+)/(\\w+)$', '/$2/$1', '', '/a/b', '/b/a'],
  ['groups may repeat', '^/(\\w+)$', '/$1$1/$1', '', '/ab', '/abab/ab'],
  ['$10 of one group is the group and a 0', '^/(\\w+)$', '/$10', '', '/ab', '/ab0'],
  ['$10 of ten groups is the tenth', '^/(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)$', '/$10$1', '', '/abcdefghij', '/ja'],
  ['a group that took no part is empty', '^/(a)?b(c)?$', '/x$1y$2z', '', '/b', '/xyz'],
  ['a group of an alternation that took no part', '^/(?:(a)|(b))$', '/$1-$2', '', '/b', '/-b'],
  ['a name for a group', '^/(?<what>\\w+)$', '/is/$<what>', '', '/ab', '/is/ab'],
  ['two slashes in front become one', '^/quay/(.*)$', '//berths/$1', '', '/quay/7', '/berths/7'],
  ['four slashes in front become one', '^/quay/(.*)$', '////$1', '/api', '/quay/7', '/api/7'],
  ['a group that begins with slashes', '^/quay(.*)$', '$1', '', '/quay//7', '/7'],
  ['slashes inside stay', '^/quay/(.*)$', '/a//b/$1', '', '/quay/c//d', '/a//b/c//d'],
  ['no slash in front gets one', '^/quay/(.*)$', 'b/$1', '', '/quay/7', '/b/7'],
  ['an empty target', '^/quay/', '', '', '/quay/7', '/7'],
  ['an empty target of the whole', '^/quay$', '', '', '/quay', '/'],
  ['an empty target behind a base', '^/quay$', '', '/api', '/quay', '/api/'],
  ['the query alone is left', '^/quay', '', '', '/quay?a=1', '/?a=1'],
  ['the query alone is left behind a base', '^/quay', '', '/api', '/quay?a=1', '/api/?a=1'],
  ['a target with a query of its own', '^/quay/(\\d+)$', '/berth?id=$1', '', '/quay/7', '/berth?id=7'],
  ['a group moves from the query to the path', '^/quay\\?id=(\\d+)$', '/berth/$1', '', '/quay?id=7', '/berth/7'],
  ['escapes stay as they came', '^/quay/(.*)$', '/b/$1', '', '/quay/%2F%20%C3%A4', '/b/%2F%20%C3%A4'],
  ['a group may hold an escaped question mark', '^/quay/(.*)$', '/b/$1', '', '/quay/a%3Fb%23c', '/b/a%3Fb%23c'],
  ['a captured $1 is text, not a group', '^/quay/(.*)$', '/b/$1', '', '/quay/$1$&', '/b/$1$&'],
  ['a blank of the target', '^/quay/(.*)$', '/first berth/$1', '', '/quay/7', '/first%20berth/7'],
  ['an umlaut of the target', '^/quay/(?<größe>.*)$', '/größe/$<größe>', '', '/quay/7', '/gr%C3%B6%C3%9Fe/7'],
  ['a # of the target', '^/quay/(.*)$', '/#/$1', '', '/quay/7', '/%23/7'],
  ['the root of a base with a path', '^/$', undefined, '/api', '/', '/api/'],
  ['a base with several slashes behind', '^/quay', undefined, '/api//', '/quay', '/api/quay'],
];

describe('the request target at the backend', () => {
  let upstream: Backend;
  const routers = new Map<string, Router>();
  beforeAll(async () => {
    upstream = await openBackend();
    await Promise.all(
      lines.map(async ([what, source, target, base]) => {
        const route = { source, destination: 'a', ...(target === undefined ? {} : { target }) };
        const env = { destinations: [{ name: 'a', url: upstream.origin + base }] };
        routers.set(what, await openRouter({ xsApp: { authenticationMethod: 'none', routes: [route] }, env }));
      }),
    );
  });
  beforeEach(() => upstream.forget());

  it.each(lines)('%s', async (what, _source, _target, _base, request, seen) => {
    const { status } = await ask(routers.get(what)?.origin ?? '', request);
    expect(status).toBe(200);
    expect(upstream.last().url).toBe(seen);
  });
});

describe('a rewriting that would lead elsewhere', () => {
  it.each<[what: string, source: string, target: string, request: string]>([
    ['dots from the target and a slash from the path', '^/quay/(.*)$', '/berths/..$1', '/quay//admin'],
    ['a dot from each', '^/quay/(.*)$', '/berths/.$1', '/quay/./admin'],
    ['a dot from each, the second without being a segment before', '^/quay/x(.*)$', '/berths/.$1', '/quay/x./admin'],
    ['an escape put together', '^/quay/x(.*)$', '/berths/%$1', '/quay/x2e%2e/admin'],
  ])('%s is refused (T-05)', async (_, source, target, request) => {
    const upstream = await openBackend();
    const router = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source, target, destination: 'a' }] },
      env: { destinations: [{ name: 'a', url: `${upstream.origin}/base` }] },
    });
    expect((await ask(router.origin, request)).status).toBe(400);
    expect(upstream.calls).toEqual([]);
  });
});
