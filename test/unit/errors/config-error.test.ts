import { describe, expect, test } from 'vitest';
import { ConfigError, Problems, tellProblem } from '../../../src/errors/config-error.ts';

describe('a problem is one line with file and path', () => {
  test.each([
    [
      { file: 'xs-app.json', path: 'routes/3/source', message: 'is missing' },
      'xs-app.json/routes/3/source: is missing',
    ],
    [{ file: 'PORT', path: '', message: 'must be a number' }, 'PORT: must be a number'],
  ])('%j', (problem, line) => {
    expect(tellProblem(problem)).toBe(line);
  });
});

describe('all problems of a start are told together', () => {
  test('in the order they were found', () => {
    const problems = new Problems();
    problems.add('a', '', 'one');
    problems.warn('a', '', 'not this one');
    problems.add('b', 'c', 'two');
    expect(problems.count).toBe(2);
    expect(problems.warnings).toEqual([{ file: 'a', path: '', message: 'not this one', rule: 'doubtful-value' }]);
    expect(() => problems.throwIfAny()).toThrow(ConfigError);
    expect(() => problems.throwIfAny()).toThrow('a: one\nb/c: two');
  });

  test('nothing wrong, nothing thrown; warnings alone stop nobody', () => {
    const problems = new Problems();
    problems.warn('a', '', 'careful');
    expect(() => problems.throwIfAny()).not.toThrow();
  });
});
