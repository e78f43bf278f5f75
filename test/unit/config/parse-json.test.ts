import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkShape, parseJson } from '../../../src/config/parse-json.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';

const schema = z.strictObject({
  name: z.string(),
  size: z.number().positive().max(10).optional(),
  count: z.int().optional(),
  list: z
    .array(z.strictObject({ source: z.string(), deep: z.strictObject({ colour: z.string() }).optional() }))
    .optional(),
  byName: z.record(z.string(), z.strictObject({ logoutPath: z.string() })).optional(),
  either: z
    .union([z.string(), z.strictObject({ path: z.string(), matchCase: z.boolean().optional() })], {
      error: 'must be a text or an object with path',
    })
    .optional(),
});

function parse(text: string) {
  const problems = new Problems();
  const value = parseJson('x.json', text, schema, problems);
  return { value, problems: problemLines(problems) };
}
const check = (value: unknown) => parse(JSON.stringify(value)).problems;

describe('JSON that fits', () => {
  test('is typed', () => {
    expect(parse('{"name":"a","list":[{"source":"b"}]}')).toEqual({
      value: { name: 'a', list: [{ source: 'b' }] },
      problems: [],
    });
  });
});

describe('JSON that does not fit is told with file and path', () => {
  test.each<[string, unknown, string[]]>([
    ['a wrong type', { name: 1 }, ['x.json/name: must be a string']],
    ['deep down', { name: 'a', list: [{ source: 'a' }, { source: 1 }] }, ['x.json/list/1/source: must be a string']],
    ['missing', {}, ['x.json/name: is missing; it must be a string']],
    ['a list instead', [], ['x.json: must be an object']],
    ['neither this nor that', { name: 'a', either: 5 }, ['x.json/either: must be a text or an object with path']],
    ['too small a number', { name: 'a', size: 0 }, ['x.json/size: must be above 0']],
    ['too large a number', { name: 'a', size: 11 }, ['x.json/size: must be at most 10']],
    ['a fraction', { name: 'a', count: 1.5 }, ['x.json/count: must be a whole number']],
    ['no record', { name: 'a', byName: [] }, ['x.json/byName: must be an object']],
    ['nearly that', { name: 'a', either: { path: 5 } }, ['x.json/either/path: must be a string']],
  ])('%s', (_, value, lines) => {
    expect(check(value)).toEqual(lines);
  });

  test('everything that is wrong, not only the first', () => {
    expect(check({ name: 1, size: 'x', list: [{ source: 1 }], extra: 1 })).toHaveLength(4);
  });
});

describe('an unknown property is told with the one that was probably meant', () => {
  test.each<[string, unknown, string]>([
    ['at the top', { nam: 'a', name: 'a' }, 'x.json/nam: unknown property; did you mean "name"?'],
    [
      'in a list',
      { name: 'a', list: [{ source: 'a', sorce: 'b' }] },
      'x.json/list/0/sorce: unknown property; did you mean "source"?',
    ],
    [
      'deeper',
      { name: 'a', list: [{ source: 'a', deep: { colour: 'a', color: 'b' } }] },
      'x.json/list/0/deep/color: unknown property; did you mean "colour"?',
    ],
    [
      'in a record',
      { name: 'a', byName: { x: { logoutPath: '/', logoutPaht: '/' } } },
      'x.json/byName/x/logoutPaht: unknown property; did you mean "logoutPath"?',
    ],
    [
      'in one of two',
      { name: 'a', either: { path: 'a', matchcase: true } },
      'x.json/either/matchcase: unknown property; did you mean "matchCase"?',
    ],
  ])('%s', (_, value, line) => {
    expect(check(value)).toContain(line);
  });

  test('or with all there are, when it resembles none', () => {
    expect(check({ name: 'a', zzzzzzzz: 1 })).toEqual([
      'x.json/zzzzzzzz: unknown property; remove it; known properties: name, size, count, list, byName, either',
    ]);
  });

  test('several at once', () => {
    expect(check({ name: 'a', sise: 1, lisst: [] })).toEqual([
      'x.json/sise: unknown property; did you mean "size"?',
      'x.json/lisst: unknown property; did you mean "list"?',
    ]);
  });
});

describe('what is no JSON', () => {
  test.each(['', '{', '{"a":}', 'undefined', "{'name':'a'}"])('%j', (text) => {
    const { value, problems } = parse(text);
    expect(value).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/^x\.json: is not valid JSON: ./)]);
  });

  test('is told where, and not what stands there: it may be a secret (design section 5)', () => {
    const { problems } = parse('{"clientsecret": s3cr3t-v4lue}');
    expect(problems.join()).not.toMatch(/s3cr|v4lue/);
  });
});

test('a value that is parsed already is checked the same way', () => {
  const problems = new Problems();
  expect(checkShape('x.json', { nam: 'a' }, schema, problems)).toBeUndefined();
  expect(problemLines(problems)).toEqual([
    'x.json/name: is missing; it must be a string',
    'x.json/nam: unknown property; did you mean "name"?',
  ]);
});
