import { describe, expect, test } from 'vitest';
import { userOf } from '../../../src/login/user-of.ts';
import { compactLogin } from '../../../src/session/compact-login.ts';
import type { Login } from '../../../src/session/session-data.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object) => `${part({ alg: 'ES256' })}.${part(claims)}.signature`;
const login = (token: string, idToken: string | undefined, claims: Record<string, unknown>): Login => ({
  user: userOf('oidc', token, claims, ['a']),
  sid: 'sid',
  idToken,
  refreshToken: 'refresh',
  obtainedAt: 1,
  expiresAt: 2,
});

describe('a login in memory says the same, with claims that are not held beside its tokens', () => {
  const id = { sub: 'ada', aud: 'us', groups: ['Pilots', 'Lotsen – Tör'] };
  const access = { aud: 'api', sub: 'ada', scp: 'a' };
  test.each<[string, Login]>([
    ['of the id_token', login(jwt(id), jwt(id), id)],
    ['of the access token, with those of the id_token below', login(jwt(access), jwt(id), { ...id, ...access })],
    ['of an access token alone', login(jwt(access), undefined, access)],
  ])('%s', (_, whole) => {
    const compact = compactLogin(whole);
    expect(compact).not.toBe(whole);
    expect(Object.keys(compact.user)).not.toContain('claims');
    expect(compact.user.claims).toEqual(whole.user.claims);
    expect({ ...compact, user: 0 }).toEqual({ ...whole, user: 0 });
    expect(JSON.parse(JSON.stringify(compact))).toEqual(JSON.parse(JSON.stringify(whole)));
    expect(compact.user.tokenHash).toBe(whole.user.tokenHash);
    expect(Object.isFrozen(compact.user) && Object.isFrozen(compact.user.claims)).toBe(true);
    expect(compactLogin(compact)).toBe(compact);
  });

  test.each<[string, Login]>([
    ['what is not in the tokens', login(jwt(access), undefined, { ...access, tid: 'x' })],
    ['another value than in the token', login(jwt(access), undefined, { ...access, sub: 'eve' })],
    ['a token that is no JWT', login('opaque', undefined, { sub: 'ada' })],
  ])('but claims say %s: they stay', (_, whole) => {
    expect(compactLogin(whole)).toBe(whole);
  });
});
