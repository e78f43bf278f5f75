import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileSource, isDynamic } from '../../../src/routing/compile-route.ts';
import { compiledRoute, compiledRoutes } from '../../support/compiled-routes.ts';

describe('where a route leads', () => {
  test.each([
    ['a name', { destination: 'almanac' }, { kind: 'destination', name: 'almanac' }],
    ['a name made of groups', { destination: '$1' }, { kind: 'dynamic-destination', template: '$1' }],
    ['a name made in part of groups', { destination: 'tug-$2' }, { kind: 'dynamic-destination', template: 'tug-$2' }],
    ['the user API', { service: 'sap-approuter-userapi' }, { kind: 'user-api' }],
    [
      'a folder',
      { localDir: 'web', cacheControl: 'no-cache' },
      { kind: 'local-dir', root: path.resolve('/harbour/web'), cacheControl: 'no-cache' },
    ],
  ])('%s', (_, entry, end) => {
    expect(compiledRoute({ source: '^/', ...entry }).to).toMatchObject(end);
  });

  test('* takes the name from the host by the configured pattern', () => {
    const hostPattern = /^([a-z0-9]+)\.gate\.example$/;
    expect(compiledRoute({ source: '^/', destination: '*' }, { hostPattern }).to).toEqual({
      kind: 'host-destination',
      pattern: hostPattern,
    });
  });

  test.each([
    ['*', true],
    ['$1', true],
    ['a$2b', true],
    ['$', false],
    ['a*', false],
    ['almanac', false],
  ])('%s is made of the request: %s', (name, dynamic) => {
    expect(isDynamic(name)).toBe(dynamic);
  });
});

describe('what a caller needs', () => {
  test('nothing on a public route', () => {
    const entry = { source: '^/', destination: 'b', scope: 'x', csrfProtection: true } as const;
    expect(compiledRoute({ ...entry, authenticationType: 'none' }).access).toEqual({ kind: 'public' });
  });

  test('nothing where no login is anywhere', () => {
    expect(compiledRoute({ source: '^/', destination: 'b' }, { providerOf: () => undefined }).access.kind).toBe(
      'public',
    );
  });

  test('a login and a CSRF token by default', () => {
    expect(compiledRoute({ source: '^/', destination: 'b' }).access).toEqual({
      kind: 'login',
      provider: 'xsuaa',
      accepts: ['xsuaa'],
      hostDecides: true,
      by: 'redirect',
      identityProvider: undefined,
      readsSapIdp: false,
      csrf: true,
      scopes: { kind: 'any-user' },
    });
  });

  test('what the route says', () => {
    const entry = { source: '^/', destination: 'b', csrfProtection: false, identityProvider: 'corporate' };
    expect(compiledRoute(entry).access).toMatchObject({ csrf: false, identityProvider: 'corporate' });
    const basic = { source: '^/', destination: 'b', authenticationType: 'basic' } as const;
    expect(compiledRoute(basic).access).toMatchObject({ by: 'basic' });
  });

  test('a name of ours chooses among providers and is not handed on as idp', () => {
    const providerOf = () => 'partner';
    const entry = { source: '^/', destination: 'b', identityProvider: 'partner' };
    expect(compiledRoute(entry, { providerOf }).access).toMatchObject({ identityProvider: undefined });
  });

  test.each([
    [undefined, false, false],
    [undefined, true, true],
    [false, true, false],
    [true, false, true],
  ])('sap_idp: the route says %s, the variable %s: %s', (dynamicIdentityProvider, everywhere, reads) => {
    const entry = { source: '^/', destination: 'b', dynamicIdentityProvider };
    expect(compiledRoute(entry, { dynamicIdentityProvider: everywhere }).access).toMatchObject({ readsSapIdp: reads });
  });
});

describe('the implicit route (xs-app.md 3.6)', () => {
  test('is appended when no route has static files: every path, folder resources, login as anywhere', () => {
    const routes = compiledRoutes([{ source: '^/api/', destination: 'b' }]);
    expect(routes).toHaveLength(2);
    expect(routes[1]).toMatchObject({
      source: /^\/(.*)$/,
      methods: undefined,
      target: undefined,
      to: { kind: 'local-dir', root: path.resolve('/harbour/resources') },
      access: { kind: 'login' },
    });
  });

  test('is the only one when there are no routes', () => {
    expect(compiledRoutes([])).toHaveLength(1);
  });

  test('is not there when a route has static files', () => {
    expect(compiledRoutes([{ source: '^/web/', localDir: 'web' }])).toHaveLength(1);
  });
});

describe('what is compiled stays as it is', () => {
  test('routes are frozen', () => {
    const routes = compiledRoutes([{ source: '^/', destination: 'b', httpMethods: ['GET'] }]);
    expect(Object.isFrozen(routes) && routes.every((route) => Object.isFrozen(route))).toBe(true);
  });

  test('a source that is no expression, reported elsewhere, matches nothing', () => {
    const source = compileSource('(');
    for (const url of ['', '/', '(', '/x?y']) expect(source.test(url)).toBe(false);
  });

  test('a source keeps no state between requests: neither global nor sticky', () => {
    for (const source of ['^/a', { path: '^/a', matchCase: false }, { path: '^/a' }])
      expect(compileSource(source).flags).toMatch(/^i?$/);
  });
});
