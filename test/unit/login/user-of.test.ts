import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { endOf, userOf, wordsOf } from '../../../src/login/user-of.ts';

describe('the principal of a verified token', () => {
  test('knows the token by its hash, so that caches need not hold it', () => {
    const user = userOf('oidc', 'the.token.itself', { sub: 'ada' }, ['a', 'b', 'a']);
    expect(user).toMatchObject({
      kind: 'user',
      provider: 'oidc',
      claims: { sub: 'ada' },
      scopes: ['a', 'b'],
      tokenHash: createHash('sha256').update('the.token.itself').digest('base64url'),
    });
  });

  test('cannot be changed', () => {
    const claims = { sub: 'ada' };
    const user = userOf('oidc', 't', claims, ['a']);
    claims.sub = 'eve';
    expect(user.claims['sub']).toBe('ada');
    expect([user, user.claims, user.scopes].every((part) => Object.isFrozen(part))).toBe(true);
  });
});

describe('words of a claim', () => {
  test.each<[unknown, string[]]>([
    ['openid profile', ['openid', 'profile']],
    ['  openid   profile ', ['openid', 'profile']],
    ['', []],
    [
      ['openid', 'harbour!t7.Pilot'],
      ['openid', 'harbour!t7.Pilot'],
    ],
    [['a', 1, null, { b: 'c' }, ['d']], ['a']],
    [undefined, []],
    [null, []],
    [7, []],
    [{ a: 'b' }, []],
  ])('%j: %j', (claim, words) => {
    expect(wordsOf(claim)).toEqual(words);
  });
});

describe('when a token ends, in milliseconds', () => {
  test.each([
    ['its exp, in seconds', { exp: 2_000 }, 60, 2_000_000],
    ['else what the token endpoint said', {}, 60, 1_060_000],
    ['else in an hour', {}, undefined, 4_600_000],
    ['an exp that is no number does not count', { exp: '2000' }, 60, 1_060_000],
    ['what ends at once ends at once', {}, 0, 1_000_000],
  ])('%s', (_, claims, expiresIn, end) => {
    expect(endOf(claims, expiresIn, undefined, 1_000_000)).toBe(end);
  });
});

describe('when a token ends by the clock here, whatever the provider’s says', () => {
  test.each([
    ['ahead by two minutes: sooner', 1_120, 4_600_000],
    ['ahead by an hour: sooner', 4_600, 4_600_000],
    ['behind by two minutes: later', 880, 4_600_000],
    ['behind by an hour: later by what is tolerated, for it may be an old token', -2_600, 1_300_000],
    ['a few seconds are the network', 997, 4_597_000],
  ])('%s', (_, madeAt, end) => {
    expect(endOf({ exp: madeAt + 3_600 }, undefined, madeAt, 1_000_000)).toBe(end);
  });
});
