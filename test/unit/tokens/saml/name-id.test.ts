import { describe, expect, test } from 'vitest';
import type { AppError } from '../../../../src/errors/app-error.ts';
import { nameIdOf } from '../../../../src/tokens/saml/name-id.ts';

const profile = { format: 'f', qualifier: undefined, systemUser: undefined, source: ['user_name'] };
const claims = {
  user_name: 'alice',
  number: 7,
  flag: true,
  list: ['first', 'second'],
  empty: ' ',
  ext_attr: { mail: 'a@harbour.example' },
};

describe('the user an assertion names (destination-service.md 3.2)', () => {
  test.each([
    [['user_name'], 'alice'],
    [['ext_attr', 'mail'], 'a@harbour.example'],
    [['list', '1'], 'second'],
    [['number'], '7'],
  ])('%j is %s', (source, expected) => {
    expect(nameIdOf({ ...profile, source }, claims, 'd')).toBe(expected);
  });

  test("a custom attribute of XSUAA's, when it has one value (3.2 #2), and a root claim before it", () => {
    const own = {
      'xs.user.attributes': { login: ['ada'], several: ['a', 'b'], user_name: ['other'] },
      user_name: 'alice',
    };
    expect(nameIdOf({ ...profile, source: ['login'] }, own, 'd')).toBe('ada');
    expect(nameIdOf(profile, own, 'd')).toBe('alice');
    for (const name of ['several', 'constructor', 'none'])
      expect(() => nameIdOf({ ...profile, source: [name] }, own, 'd')).toThrow(/could not be determined/);
  });

  test('SystemUser comes first and needs nobody', () => {
    expect(nameIdOf({ ...profile, systemUser: 'robot' }, undefined, 'd')).toBe('robot');
    expect(nameIdOf({ ...profile, systemUser: 'robot' }, claims, 'd')).toBe('robot');
  });

  test.each([
    ['missing'],
    ['empty'],
    ['flag'],
    ['list'],
    ['ext_attr'],
    ['user_name', 'length'],
    ['constructor', 'name'],
    ['__proto__'],
  ])('%s %s is no user id, and none is guessed', (...source) => {
    const steps = source.filter((step) => step !== undefined);
    expect(() => nameIdOf({ ...profile, source: steps }, claims, 'd')).toThrow(
      expect.objectContaining({ code: 'ERR_CREDENTIAL', status: 502 }) as AppError,
    );
  });

  test('a token without any claims is opaque, and told to be', () => {
    expect(() => nameIdOf(profile, {}, 'd')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('tokenService.body.token_format to jwt') }) as AppError,
    );
  });

  test('the error names the claims there are, and none of their values', () => {
    const error = (() => {
      try {
        return nameIdOf({ ...profile, source: ['mail'] }, claims, 'sfsf');
      } catch (caught) {
        return caught as AppError;
      }
    })() as AppError;
    expect(error.detail).toBe(
      "The user id for destination sfsf could not be determined: the user's token has no claim mail.",
    );
    expect(error.hint).toContain('empty, ext_attr, flag, list, number, user_name');
    expect(error.hint).not.toContain('alice');
  });
});
