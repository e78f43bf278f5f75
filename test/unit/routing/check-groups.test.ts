import { describe, expect, test } from 'vitest';
import { Problems, tellProblem } from '../../../src/errors/config-error.ts';
import { checkGroups } from '../../../src/routing/check-groups.ts';

function warningsOf(route: Parameters<typeof checkGroups>[1][number]): readonly string[] {
  const problems = new Problems();
  checkGroups('xs-app.json/routes', [route], problems);
  return problems.warnings.map(tellProblem);
}

describe('a group that a target or a destination names must be in the source (xs-app.md 3.4)', () => {
  test.each([
    ['^/a/(.*)$', '/b/$1'],
    ['^/a/(.*)/(.*)$', '$2/$1/$2'],
    ['^/a/(?:b|c)/(.*)$', '$1'],
    ['^/a/(?<rest>.*)$', '$1'],
    ['^/a$', '/b'],
    ['^/a/(.*)$', '/price/$$5/$1'],
    ['^/a/(.*)$', '/$12'],
    ['^/a/', '/$metadata'],
    ['^/a/', '/$0'],
  ])('%s and %s fit', (source, target) => {
    expect(warningsOf({ source, target })).toEqual([]);
  });

  test.each([
    ['^/a/(.*)$', '/b/$2', 'names $2, but source has only one group'],
    ['^/a/', '/b/$1', 'names $1, but source has no group'],
    ['^/a/(.)(.)$', '/b/$1/$3', 'names $3, but source has only 2 groups'],
    ['^/a/\\(x\\)', '/b/$1', 'source has no group'],
  ])('%s and %s do not', (source, target, told) => {
    expect(warningsOf({ source, target })).toEqual([
      expect.stringMatching(/^xs-app\.json\/routes\/0\/target: .* stays as it is; add parentheses/),
    ]);
    expect(warningsOf({ source, target })[0]).toContain(told);
  });

  test('a destination made of a group that is not there is told, too', () => {
    expect(warningsOf({ source: { path: '^/a/(.*)', matchCase: false }, destination: 'tug-$2' })).toEqual([
      expect.stringContaining('routes/0/destination: names $2'),
    ]);
  });

  test('a source that is no expression is reported by its own check', () => {
    expect(warningsOf({ source: '(', target: '/b' })).toEqual([]);
  });
});
