import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { routesFor } from '../../../src/routing/routes-for.ts';
import { compiledRoutes } from '../../support/compiled-routes.ts';

/** More than are tried one after the other anyway. */
const crowd = Array.from({ length: 40 }, (_, index) => ({ source: `^/area-${index}/(.*)$`, destination: 'b' }));
const names = (sources: readonly (string | { path: string; matchCase: boolean })[], url: string) =>
  routesFor(compiledRoutes([...sources.map((source) => ({ source, destination: 'b' })), ...crowd]), url).map(
    ({ name }) => name,
  );

describe('of many routes only those that may take a request are tried', () => {
  test('in their order, and the others are left out', () => {
    const sources = ['^/area-3/x$', 'x', '^/area-30/', '^/(.*)$', '^/area-3'];
    // Five before the crowd, so that area 3 is the ninth; the last one is the implicit one.
    expect(names(sources, '/area-3/x')).toEqual([
      'routes/0',
      'routes/1',
      'routes/3',
      'routes/4',
      'routes/8',
      'implicit route resources',
    ]);
  });

  test.each([
    ['^/quay|/lock$', '/a/lock'],
    ['^/quay|^/lock', '/lock'],
    ['^/quays?$', '/quay'],
    ['^/quays*$', '/quay'],
    ['^/quays{0,2}$', '/quay'],
    ['^/(?:quay|lock)/', '/lock/1'],
    ['^/qua[xy]$', '/quay'],
    ['^/[(]|/lock', '/lock'],
    ['^/\\w+$', '/quay'],
    ['^\\/quay\\.html$', '/quay.html'],
    ['(?:^/quay)', '/quay'],
    ['^(/quay)?', '/lock'],
    ['^/quay+?', '/quay'],
    ['', '/quay'],
    ['^', '/quay'],
    [{ path: '^/quay/', matchCase: false }, '/QUAY/1'],
  ])('%j is tried for %s', (source, url) => {
    expect(names([source], url)).toContain('routes/0');
  });

  test('none is left out that would take the request (property)', () => {
    const part = fc.constantFrom(
      '/a',
      '/b',
      'a',
      'b',
      '.',
      '\\.',
      '(a|b)',
      '[ab]',
      '|',
      '?',
      '*',
      '+',
      '{0,1}',
      '^',
      '$',
      '\\/',
      '-',
      '(?=a)',
    );
    const source = fc
      .tuple(fc.constantFrom('^', '', '^/'), fc.array(part, { maxLength: 6 }))
      .map(([begin, parts]) => begin + parts.join(''))
      .filter(isExpression);
    const url = fc
      .array(fc.constantFrom('/', 'a', 'b', '.', '-', '?'), { maxLength: 6 })
      .map((parts) => `/${parts.join('')}`);
    fc.assert(
      fc.property(source, url, (written, target) => {
        const taken = new RegExp(written).test(target);
        return !taken || names([written], target).includes('routes/0');
      }),
      { numRuns: 400 },
    );
  });
});

function isExpression(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
