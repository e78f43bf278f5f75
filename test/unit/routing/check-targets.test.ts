import { describe, expect, test } from 'vitest';
import { Problems } from '../../../src/errors/config-error.ts';
import { checkTargets } from '../../../src/routing/check-targets.ts';

function warned(target: string | undefined) {
  const problems = new Problems();
  checkTargets('xs-app.json/routes', [{}, target === undefined ? {} : { target }], problems);
  expect(problems.list).toEqual([]);
  return problems.warnings;
}

describe('a target that makes every request 400 is said at the start', () => {
  test.each(['/../$1', '../$1', '/a/./$1', '/a/..', '/%2e%2e/$1', '/100%/$1', '/%2'])('%s', (target) => {
    expect(warned(target)).toMatchObject([{ file: 'xs-app.json/routes', path: '1/target' }]);
  });

  test.each([
    undefined,
    '',
    '/',
    '/$1',
    '$1/$2',
    '/..$1',
    '/.$1',
    '/%$1',
    '/.well-known/$1',
    '/a..b/$1',
    '/x?back=../y&z=100%',
    '/100%25/$1',
    '/a b/ä#$1',
    '/...',
  ])('%s is none', (target) => {
    expect(warned(target)).toEqual([]);
  });
});
