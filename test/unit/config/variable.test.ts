import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { flag, json, number, pattern, text } from '../../../src/config/variable.ts';
import { tellProblem } from '../../../src/errors/config-error.ts';

describe('a number within bounds', () => {
  const port = number('PORT', 5000, { min: 0, max: 65_535, whole: true }, '');
  const minutes = number('MINUTES', 15, { min: 0, above: true }, '');

  test.each([
    ['5000', 5000],
    ['0', 0],
    ['65535', 65_535],
    [' 80 ', 80],
  ])('%j is %s', (value, parsed) => {
    expect(port.parse(value)).toEqual({ value: parsed });
  });

  test.each(['65536', '-1', '1.5', 'x', '', ' ', 'NaN', 'Infinity', '80a', '1,5'])('%j is none', (value) => {
    expect(port.parse(value)).toHaveProperty('problem');
  });

  test('what is told suffices to mend it: the lower bound, and the upper where there is one', () => {
    expect(port.parse('70000')).toEqual({ problem: expect.stringContaining('65535') });
    expect(port.parse('-1')).toEqual({ problem: expect.stringContaining('0') });
    expect(minutes.parse('0')).toEqual({ problem: 'must be a number above 0' });
  });

  test('more than a timer can wait is too much, whatever it is for, and the limit is told', () => {
    expect(minutes.parse('2147483647')).toEqual({ value: 2_147_483_647 });
    expect(minutes.parse('2147483648')).toEqual({ problem: 'must be a number above 0 and at most 2147483647' });
  });

  test('a fraction where it may be one', () => {
    expect(minutes.parse('0.05')).toEqual({ value: 0.05 });
  });
});

describe('a flag', () => {
  const variable = flag('FLAG', undefined, '');

  test.each([
    ['true', true],
    ['TRUE', true],
    ['false', false],
    ['False', false],
  ])('%s', (value, parsed) => {
    expect(variable.parse(value)).toEqual({ value: parsed });
  });

  test.each(['1', '0', 'yes', 'on', '', ' true'])('%j is none', (value) => {
    expect(variable.parse(value)).toEqual({ problem: 'must be true or false' });
  });
});

describe('a pattern needs a group: that is what it is for', () => {
  const variable = pattern('PATTERN', '');

  test.each(['^([a-z]+)\\.gate\\.example$', '(a)|b', '(?<name>x)'])('%s', (value) => {
    expect(variable.parse(value)).toEqual({ value: new RegExp(value) });
  });

  test.each(['^[a-z]+$', '(?:a)', '(?=a)', '\\(a\\)'])('%s has none', (value) => {
    expect(variable.parse(value)).toEqual({ problem: 'needs a group in parentheses' });
  });

  test('no expression at all', () => {
    expect(variable.parse('(')).toEqual({ problem: expect.stringMatching(/^is not a valid regular expression/) });
  });
});

describe('JSON of a shape', () => {
  const variable = json('LIST', [], z.array(z.strictObject({ a: z.string() })), '');

  test('that fits', () => {
    expect(variable.parse('[{"a":"x"}]')).toEqual({ value: [{ a: 'x' }] });
  });

  test.each([
    ['{"a":"x"}', ['LIST: must be an array']],
    ['[{"a":1}]', ['LIST/0/a: must be a string']],
    ['[{}]', ['LIST/0/a: is missing; it must be a string']],
    ['[{"a":"x","b":1}]', ['LIST/0/b: unknown property; did you mean "a"?']],
    ['[{"a":1},{"a":2}]', ['LIST/0/a: must be a string', 'LIST/1/a: must be a string']],
    ['no', ['LIST: is not valid JSON: unexpected character at position 1 (line 1 column 2)']],
  ])('%s does not, and is told where', (value, lines) => {
    const parsed = variable.parse(value);
    expect('problems' in parsed && parsed.problems.map(tellProblem)).toEqual(lines);
  });

  test('a fault beside a secret does not print it', () => {
    expect(JSON.stringify(variable.parse('[{"a": s3cr3t-v4lue}]'))).not.toMatch(/s3cr/);
  });
});

test('free text is taken as it is', () => {
  expect(text('T', 'default', '').parse(' x ')).toEqual({ value: ' x ' });
});
