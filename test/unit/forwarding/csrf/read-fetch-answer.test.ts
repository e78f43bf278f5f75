import { describe, expect, test } from 'vitest';
import { isTokenRequired } from '../../../../src/forwarding/csrf/is-token-required.ts';
import { readFetchAnswer } from '../../../../src/forwarding/csrf/read-fetch-answer.ts';

const rules = { isOwnCookie: (name: string) => name === 'JSESSIONID', path: '/root/', fillsJar: true };
const cookie = (name: string, path = '/root') => ({ name, value: '1', path, secure: false });

describe('what an answer to the question for a token brings', () => {
  test.each<[string, string | undefined]>([
    ['Pa_4WUq0iJFTXv2SbFiWeQ==', 'Pa_4WUq0iJFTXv2SbFiWeQ=='],
    [' padded ', 'padded'],
    ['Required', undefined],
    ['fetch', undefined],
    ['', undefined],
    ['two words', undefined],
    ['ümlaut', undefined],
    ['x'.repeat(4_096), 'x'.repeat(4_096)],
    ['x'.repeat(4_097), undefined],
  ])('the header "%.30s"', (shown, token) => {
    expect(readFetchAnswer(['X-CSRF-Token', shown], rules).token).toBe(token);
  });

  test('cookies of the session are for the jar, those that last for the token alone, ended ones are gone', () => {
    const lines = ['a=1', 'b=1; Max-Age=60', 'c=1; Max-Age=0', 'JSESSIONID=1; Max-Age=60', 'nonsense'];
    const raw = lines.flatMap((line) => ['Set-Cookie', line]);
    expect(readFetchAnswer(raw, rules)).toEqual({
      token: undefined,
      keep: [cookie('a'), cookie('JSESSIONID')],
      own: [cookie('b')],
      ended: [cookie('c')],
    });
    expect(readFetchAnswer(raw, { ...rules, fillsJar: false })).toMatchObject({
      keep: [],
      own: [cookie('a'), cookie('b'), cookie('JSESSIONID')],
    });
  });
});

test.each<[number, readonly string[], boolean]>([
  [403, ['X-CSRF-Token', 'Required'], true],
  [403, ['x-csrf-token', 'required'], true],
  [403, ['x-csrf-token', 'a-token'], false],
  [403, [], false],
  [401, ['x-csrf-token', 'Required'], false],
  [200, ['x-csrf-token', 'Required'], false],
])('%i with %j asks for a token: %s', (status, raw, asks) => {
  expect(isTokenRequired(status, raw)).toBe(asks);
});
