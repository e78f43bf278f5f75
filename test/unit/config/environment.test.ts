import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';
import { workingDirectory } from '../../support/working-directory.ts';

function read(defaults: unknown, variables: Record<string, string | undefined> = {}) {
  const problems = new Problems();
  const directory = workingDirectory(defaults === undefined ? {} : { 'default-env.json': defaults });
  const { get } = readEnvironment(directory, problems, variables);
  return { get, problems: problemLines(problems) };
}

describe('default-env.json under the real environment (xs-app.md 1.1)', () => {
  test('the file stands in for what is not set; what is set wins', () => {
    const { get, problems } = read({ PORT: '5001', A: 'file' }, { PORT: '6000' });
    expect(get('PORT')).toBe('6000');
    expect(get('A')).toBe('file');
    expect(get('B')).toBeUndefined();
    expect(problems).toEqual([]);
  });

  test.each(['development', 'production', 'test', '', undefined])(
    'whatever NODE_ENV says: %j (13.1 #10, T-09)',
    (value) => {
      expect(read({ A: 'file' }, { NODE_ENV: value }).get('A')).toBe('file');
    },
  );

  test('objects and arrays stand for their JSON text, numbers and booleans for theirs', () => {
    const { get } = read({ destinations: [{ name: 'a' }], VCAP_SERVICES: { x: [] }, PORT: 5001, FLAG: true });
    expect(get('destinations')).toBe('[{"name":"a"}]');
    expect(get('VCAP_SERVICES')).toBe('{"x":[]}');
    expect(get('PORT')).toBe('5001');
    expect(get('FLAG')).toBe('true');
  });

  test('null stands for none', () => {
    expect(read({ A: null }).get('A')).toBeUndefined();
  });

  test('an empty variable counts as not set, and still hides the file', () => {
    expect(read({ A: 'file' }, { A: '' }).get('A')).toBeUndefined();
    expect(read({ A: '' }).get('A')).toBeUndefined();
  });

  test('a variable that is there without a value does not hide the file', () => {
    expect(read({ A: 'file' }, { A: undefined }).get('A')).toBe('file');
  });

  test('no file: the environment alone', () => {
    expect(read(undefined, { A: '1' }).get('A')).toBe('1');
  });

  test('names are names: no property of an object is a variable', () => {
    const { get } = read('{"__proto__": {"X": "1"}}');
    for (const name of ['constructor', 'toString', 'X']) expect(get(name)).toBeUndefined();
  });
});

describe('a file that cannot be used refuses the start', () => {
  test.each([
    ['a list', '[]'],
    ['a text', '"x"'],
    ['null', 'null'],
  ])('%s', (_, text) => {
    expect(read(text).problems).toEqual([
      'default-env.json: must be a JSON object whose properties become environment variables',
    ]);
  });

  test('no JSON', () => {
    expect(read('{"A": ').problems).toEqual([expect.stringMatching(/^default-env\.json: is not valid JSON/)]);
  });

  test('but what stands around the fault may be a secret, and is not printed (design section 5)', () => {
    const { problems } = read('{"VCAP_SERVICES": {"clientsecret": s3cr3t-v4lue}}');
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toMatch(/s3cr|v4lue/);
  });
});
