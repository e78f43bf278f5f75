import { describe, expect, test } from 'vitest';
import { anonymous } from '../../../../src/authorization/principal.ts';
import type { AppError } from '../../../../src/errors/app-error.ts';
import { askedTokens, shown } from '../support/asked.ts';
import { destinationOf } from '../support/destination-of.ts';
import { userWith } from '../support/principal-of.ts';

const make = (more: object = {}) =>
  destinationOf({
    Authentication: 'OAuth2TokenExchange' as const,
    clientId: 'c',
    clientSecret: 's',
    tokenServiceURL: 'https://login.example/token',
    ...more,
  });
const tokenType = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const jwt = (header: object, claims: object = {}) => `${encode(header)}.${encode(claims)}.c2ln`;

describe("the user's token is exchanged for another (RFC 8693)", () => {
  test.each<[string, string, string]>([
    ['an opaque token', 'opaque', 'access_token'],
    ['a JWT that says so in its header', jwt({ alg: 'RS256', typ: 'at+jwt' }), 'access_token'],
    ["Entra's access token", jwt({ alg: 'RS256', typ: 'JWT' }, { scp: 'User.Read' }), 'access_token'],
    ["XSUAA's access token", jwt({ alg: 'RS256' }, { scope: ['openid'] }), 'access_token'],
    ['an ID token', jwt({ alg: 'RS256', typ: 'JWT' }, { nonce: 'n' }), 'id_token'],
    ['an ID token of a refresh', jwt({ alg: 'RS256' }, { at_hash: 'h' }), 'id_token'],
    ['any other JWT', jwt({ alg: 'RS256' }, { sub: 'alice' }), 'jwt'],
    ['three words that are no JWT', 'a.b.c', 'access_token'],
  ])('%s', async (_, token, type) => {
    const { tokens, asked } = askedTokens();
    // What is known of the user is also from the id_token beside it, and says nothing of the token that is handed on.
    const known = { sub: 'alice', nonce: 'n', at_hash: 'h' };
    expect(await tokens.obtain(await make(), userWith(token, known))).toEqual(shown('1'));
    expect(asked[0]?.fields).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: tokenType(type),
      actor_token: undefined,
      actor_token_type: undefined,
    });
  });

  test('nobody logged in: log in first', async () => {
    const destination = await make();
    expect(() => askedTokens().tokens.obtain(destination, anonymous)).toThrow(
      expect.objectContaining({ code: 'ERR_LOGIN_REQUIRED' }) as AppError,
    );
  });

  test("a fixed subject token is everybody's", async () => {
    const { tokens, asked } = askedTokens();
    const fixed = { 'tokenService.body.subject_token': 't', 'tokenService.body.subject_token_type': tokenType('jwt') };
    await tokens.obtain(await make(fixed), anonymous);
    expect(asked[0]?.fields['subject_token']).toBeUndefined();
  });
});

describe('a token handed in', () => {
  const subjectToken = { token: 'theirs', type: tokenType('jwt') };
  const actorToken = { token: 'actor', type: tokenType('access_token') };

  test("takes the place of the user's, with its type and the actor's", async () => {
    const { tokens, asked } = askedTokens();
    await tokens.obtain(await make(), userWith('mine'), { input: { subjectToken, actorToken } });
    expect(asked[0]?.fields).toMatchObject({
      subject_token: 'theirs',
      subject_token_type: tokenType('jwt'),
      actor_token: 'actor',
      actor_token_type: tokenType('access_token'),
    });
    expect(JSON.stringify(asked)).not.toContain('mine');
  });

  test('differs in the cache by everything in it, in whatever order it is written', async () => {
    const { tokens, asked } = askedTokens();
    const destination = await make();
    const inputs = [
      { subjectToken },
      { subjectToken, actorToken },
      { subjectToken: { ...subjectToken, type: tokenType('id_token') } },
      { subjectToken: { ...subjectToken, token: 'other' } },
      { actorToken, subjectToken: { type: subjectToken.type, token: subjectToken.token } },
    ];
    for (const input of inputs) await tokens.obtain(destination, anonymous, { input });
    expect(asked).toHaveLength(4);
  });
});
