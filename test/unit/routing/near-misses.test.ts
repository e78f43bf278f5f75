import { describe, expect, test } from 'vitest';
import type { RouteEntry } from '../../../src/config/xs-app/route-schema.ts';
import { nearMisses } from '../../../src/routing/near-misses.ts';
import { compiledRoutes } from '../../support/compiled-routes.ts';

const to = (source: string, more: Partial<RouteEntry> = {}): RouteEntry => ({ source, destination: 'b', ...more });

/** Name, nearness and reason of each route that nearly took a request. */
function missed(entries: readonly RouteEntry[], method: string, url: string, isUpgrade = false): readonly string[] {
  const request = { method, url, path: url.split('?', 1)[0] ?? '' };
  return nearMisses(compiledRoutes(entries), request, true, isUpgrade).map(
    ({ name, nearness, why }) => `${name} ${nearness}: ${why}`,
  );
}

describe('a source that is not found is near', () => {
  test.each([
    ['^/Graph/', '/graph/me', 'close', 'in another case'],
    ['^/tides$', '/tides?x=1', 'close', 'without the query'],
    ['^/people/', '/people?x=1', 'close', 'with a slash at the end of the path'],
    ['^/tides$', '/tides/', 'close', 'without the slash at the end of the path'],
    ['^/a/b$', '/a//b', 'close', 'with one slash where there are several'],
    ['^/a b$', '/a%20b', 'close', 'with what is escaped written out'],
    ['^/graph/(.*)$', '/api/graph/me', 'alike', 'without "/api" before "/graph/"'],
    ['^/graph/(.*)$', '/grpah/me?x=1', 'alike', 'with "/graph/" in place of "/grpah/"'],
    ['^/graph', '/grap/me', 'alike', 'with "/graph" in place of "/grap"'],
    ['^/odata/v2/', '/odata/v/User', 'alike', 'with "/odata/v2/" in place of "/odata/v/"'],
  ])('%s to %s: %s, %s', (source, url, nearness, hint) => {
    expect(missed([to(source)], 'GET', url)).toEqual([
      `routes/0 ${nearness}: its source is not found; ${hint} it would be`,
    ]);
  });

  test.each([
    ['^/graph/', '/people/7'],
    ['^/v1/', '/v2/x'], // too short to be anybody's mistake
    ['^/graph/\\d+$', '/grpah/me'], // the rest does not fit either
    ['^/graph/', '/'],
    ['^/graph/', '/%E0%A4%A'],
    ['quay$', '/quays'],
  ])('%s to %s is not', (source, url) => {
    expect(missed([to(source)], 'GET', url)).toEqual([]);
  });
});

describe('a source that is found is near when something else was in the way', () => {
  test.each<[string, RouteEntry, string, string, RegExp]>([
    ['the method', to('^/people/', { httpMethods: ['GET', 'POST'] }), 'DELETE', '/people/7', /takes GET, POST, not/],
    ['files', to('^/app/', { localDir: '.', destination: undefined } as never), 'POST', '/app/x', /served to GET and/],
    ['the query', to('^/p/.*\\.js', { authenticationType: 'none' }), 'GET', '/p/?x.js', /must not open a path/],
  ])('%s', (_, entry, method, url, said) => {
    expect(missed([entry], method, url)[0]).toMatch(said);
  });

  test('an upgrade, and only where the source is found', () => {
    const files = { localDir: '.', destination: undefined } as never;
    expect(missed([to('^/app/', files), to('^/other/', files)], 'GET', '/app/ws', true)).toEqual([
      'routes/0 close: WebSockets go to destinations only',
    ]);
  });
});

test('routes behind the one that takes the request are no near misses, those before it are', () => {
  const routes = [to('^/orders/', { httpMethods: ['GET'] }), to('^/'), to('^/Orders/')];
  expect(missed(routes, 'POST', '/orders/7')).toEqual([
    'routes/0 close: its source is found, but it takes GET, not POST',
  ]);
});

test('no reason tells the query: keys travel there', () => {
  const routes = ['^/Graph/', '^/graph/me$', '^/grape/(.*)$', '^/ph/(.*)'].map((source) => to(source));
  const told = missed(routes, 'GET', '/graph/me?code=hush');
  expect(told.length).toBeGreaterThan(2);
  expect(told.join()).not.toContain('hush');
});
