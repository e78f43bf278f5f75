import { describe, expect, test } from 'vitest';
import type { RouteEntry } from '../../../src/config/xs-app/route-schema.ts';
import { AppError } from '../../../src/errors/app-error.ts';
import { matchRoute } from '../../../src/routing/match-route.ts';
import type { Match, Route } from '../../../src/routing/route.ts';
import { compiledRoutes } from '../../support/compiled-routes.ts';

interface Circumstances {
  readonly loginIsOn?: boolean;
  readonly isUpgrade?: boolean;
}

function match(routes: readonly Route[], method: string, url: string, circumstances: Circumstances = {}): Match {
  const request = { method, url, path: url.split('?', 1)[0] ?? '' };
  return matchRoute(routes, request, circumstances.loginIsOn ?? true, circumstances.isUpgrade ?? false);
}

/** Name of the route that takes the request, or the status with which it is refused. */
function outcome(routes: readonly Route[], method: string, url: string, circumstances?: Circumstances): string {
  try {
    return match(routes, method, url, circumstances).route.name;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    return [cause.status, cause.headers['allow']].filter(Boolean).join(' ');
  }
}

const to = (entry: Partial<RouteEntry> & Pick<RouteEntry, 'source'>): RouteEntry => ({ destination: 'b', ...entry });

describe('a source is found anywhere in path and query, as they came (xs-app.md 3.2)', () => {
  test.each([
    ['quay', '/x/quay/1', true],
    ['quay', '/x?to=quay', true],
    ['^/quay/', '/x/quay/1', false],
    ['^/quay/', '/quay/1', true],
    ['^/quay$', '/quay?x=1', false],
    ['^/quay$', '/quay', true],
    ['^/locks\\?gate=(\\d+)$', '/locks?gate=12', true],
    ['^/locks\\?gate=(\\d+)$', '/locks?gate=x', false],
    ['^/a%2Fb$', '/a%2Fb', true],
    ['^/a/b$', '/a%2Fb', false],
    ['^/a/b$', '/a//b', false],
    ['^/a b$', '/a%20b', false],
    ['^/ä$', '/%C3%A4', false],
    ['^/Quay/', '/quay/1', false],
    ["^/User\\('1'\\)", "/User('1')?$select=a", true],
    ['^/a%23b$', '/a%23b', true],
  ])('%s on %s: %s', (source, url, found) => {
    const routes = compiledRoutes([to({ source, destination: 'b' }), to({ source: '^$', localDir: 'web' })]);
    expect(outcome(routes, 'GET', url)).toBe(found ? 'routes/0' : '404');
  });

  test('matchCase false ignores case, the default does not', () => {
    const routes = compiledRoutes([to({ source: { path: '^/Case/', matchCase: false } }), to({ source: '^/Case2/' })]);
    expect(outcome(routes, 'GET', '/cAsE/1')).toBe('routes/0');
    expect(outcome(routes, 'GET', '/case2/1')).toBe('implicit route resources');
  });

  test('the groups of the whole target are handed on, the whole match first', () => {
    const routes = compiledRoutes([to({ source: '^/tow/([^/]+)/(.*)$' })]);
    expect([...match(routes, 'GET', '/tow/tug5/engine?on=1').groups]).toEqual([
      '/tow/tug5/engine?on=1',
      'tug5',
      'engine?on=1',
    ]);
  });

  test('one request leaves no trace in the next', () => {
    const routes = compiledRoutes([to({ source: 'quay' })]);
    for (let i = 0; i < 5; i++) expect(outcome(routes, 'GET', '/quay/quay')).toBe('routes/0');
  });
});

describe('the first route that matches and takes the method wins (xs-app.md 3.2 steps 4 and 5, 3.3)', () => {
  const split = compiledRoutes([
    to({ source: '^/split/', httpMethods: ['GET'] }),
    to({ source: '^/split/', httpMethods: ['DELETE'] }),
    to({ source: '^/split/' }),
  ]);

  test.each([
    ['GET', 'routes/0'],
    ['DELETE', 'routes/1'],
    ['POST', 'routes/2'],
    ['MERGE', 'routes/2'],
    ['HEAD', 'routes/2'],
  ])('%s goes to %s', (method, route) => {
    expect(outcome(split, method, '/split/1')).toBe(route);
  });

  test('order decides, not how well a source fits', () => {
    const routes = compiledRoutes([to({ source: '^/first/.*$' }), to({ source: '^/first/second$' })]);
    expect(outcome(routes, 'GET', '/first/second')).toBe('routes/0');
  });

  test('plugins stand between the routes and the implicit route', () => {
    const plugins = [{ name: 'crane', source: '^/(crane|quay)/', destination: 'b' }];
    const routes = compiledRoutes([to({ source: '^/quay/' })], { plugins });
    expect(outcome(routes, 'GET', '/quay/1')).toBe('routes/0');
    expect(outcome(routes, 'GET', '/crane/1')).toBe('plugin crane');
    expect(outcome(routes, 'GET', '/else')).toBe('implicit route resources');
  });
});

describe('a method that no route takes is 405, and Allow is the union of what the matching routes take (3.3)', () => {
  test.each([
    [['GET', 'POST'], 'DELETE', '405 GET, HEAD, POST'],
    [['POST'], 'DELETE', '405 GET, HEAD, POST'],
    [['GET'], 'PUT', '405 GET, HEAD'],
    [['PATCH', 'DELETE'], 'PUT', '405 DELETE, GET, HEAD, PATCH'],
  ] as const)('%j, with the implicit route behind it: %s is %s', (httpMethods, method, expected) => {
    expect(outcome(compiledRoutes([to({ source: '^/m/', httpMethods: [...httpMethods] })]), method, '/m/1')).toBe(
      expected,
    );
  });

  const withoutImplicit = compiledRoutes([
    to({ source: '^/m/', httpMethods: ['GET'] }),
    to({ source: '^/m/x', httpMethods: ['POST'] }),
    to({ source: '^/other', httpMethods: ['PUT'] }),
    { source: '^/web/', localDir: 'web' },
  ]);

  test.each([
    ['DELETE', '/m/x', '405 GET, HEAD, POST'],
    ['DELETE', '/m/y', '405 GET, HEAD'],
    ['DELETE', '/other', '405 PUT'],
    ['POST', '/web/x', '405 GET, HEAD'],
    ['HEAD', '/web/x', 'routes/3'],
    ['DELETE', '/nowhere', '404'],
  ])('no implicit route: %s %s is %s', (method, url, expected) => {
    expect(outcome(withoutImplicit, method, url)).toBe(expected);
  });

  test('a static route takes its path: what stands behind it is not asked for other methods', () => {
    const routes = compiledRoutes([{ source: '^/web/', localDir: 'web' }, to({ source: '^/web/' })]);
    expect(outcome(routes, 'POST', '/web/x')).toBe('405 GET, HEAD');
  });

  test.each(['get', 'Get', 'GETX', 'HEADX', ''])('a method is its exact name: %j is not GET (T-08)', (method) => {
    const routes = compiledRoutes([to({ source: '^/m/', httpMethods: ['GET'] }), { source: '^$', localDir: 'web' }]);
    expect(outcome(routes, method, '/m/1')).toBe('405 GET, HEAD');
  });
});

describe('no query opens a protected path: a public route must match the path alone too (13.2 #1, T-01)', () => {
  const routes = compiledRoutes([
    to({ source: '/public/', authenticationType: 'none' }),
    to({ source: '^/q\\?free=(.*)$', authenticationType: 'none' }),
    to({ source: '^/' }),
  ]);

  test.each([
    ['/admin?x=/public/a', 'routes/2'],
    ['/admin?/public/', 'routes/2'],
    ['/admin?x=%2Fpublic%2F', 'routes/2'],
    ['/q?free=1', 'routes/2'],
    ['/public/a', 'routes/0'],
    ['/public/a?x=1', 'routes/0'],
  ])('%s is taken by %s', (url, route) => {
    expect(outcome(routes, 'GET', url)).toBe(route);
  });

  test('where nothing needs a login the query decides as documented', () => {
    expect(outcome(routes, 'GET', '/q?free=1', { loginIsOn: false })).toBe('routes/1');
    expect(outcome(routes, 'GET', '/admin?x=/public/a', { loginIsOn: false })).toBe('routes/0');
  });

  test('a public route passed over so does not lend its methods to Allow, nor turn 404 into 405', () => {
    const alone = compiledRoutes([
      to({ source: '/public/', authenticationType: 'none', httpMethods: ['PUT'] }),
      { source: '^$', localDir: 'web' },
    ]);
    expect(outcome(alone, 'GET', '/admin?x=/public/')).toBe('404');
  });

  test('a protected route may go by the query: that opens nothing', () => {
    expect(outcome(compiledRoutes([to({ source: '^/locks\\?gate=' })]), 'GET', '/locks?gate=1')).toBe('routes/0');
  });

  test('over generated queries, what a public route takes it also takes without the query (property)', () => {
    const sources = ['/public/', '^/public', 'public$', '(^|x)/open', '^/[^?]*\\?y', '\\?', '=/public/.*', '.html'];
    const paths = ['/admin', '/admin/', '/public', '/public/x', '/open', '/a.html', '/'];
    const queries = ['', '?', '?/public/', '?x/open', '?y', '?x=/public/1', '?a.html', '?public'];
    for (const source of sources) {
      const [route, fallback] = compiledRoutes([to({ source, authenticationType: 'none' }), to({ source: '^/' })]);
      for (const path of paths)
        for (const query of queries) {
          const taken = outcome([route as Route, fallback as Route], 'GET', path + query);
          if (taken === 'routes/0') expect.soft(new RegExp(source).test(path), `${source} ${path}${query}`).toBe(true);
        }
    }
  });
});

describe('upgrades', () => {
  const routes = compiledRoutes([to({ source: '^/live/' })]);

  test('go to a route with a destination', () => {
    expect(outcome(routes, 'GET', '/live/1', { isUpgrade: true })).toBe('routes/0');
  });

  test('are 404 where only static files are, the implicit route included (8.8)', () => {
    expect(outcome(routes, 'GET', '/other', { isUpgrade: true })).toBe('404');
  });
});
