import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import type { TokenInquiry } from '../../../src/tokens/request-token.ts';
import { askedTokens, shown } from './support/asked.ts';
import { destinationOf } from './support/destination-of.ts';
import { userWith } from './support/principal-of.ts';

/** On-Behalf-Of with offline_access brings a refresh token (token-flows.md A6): it gets the next token. */
const make = (more: object = {}) =>
  destinationOf({
    Authentication: 'OAuth2JWTBearer' as const,
    clientId: 'c',
    clientSecret: 's',
    scope: 'User.Read offline_access',
    tokenServiceURL: 'https://login.example/token',
    'tokenService.body.requested_token_use': 'on_behalf_of',
    ...more,
  });
const alice = userWith('token-of-alice');
const grants = (asked: readonly TokenInquiry[]) =>
  asked.map(({ fields }) => fields['refresh_token'] ?? fields['assertion']);
const hour = 3_600_000;

describe('a token with a refresh token', () => {
  test('is renewed with it when it grows old, and each new one replaces the one before', async () => {
    const { tokens, asked, clock } = askedTokens((_, count) => ({ refreshToken: `r${count}` }));
    const destination = await make();
    for (const token of ['1', '2', '3']) {
      expect(await tokens.obtain(destination, alice)).toEqual(shown(token));
      expect(tokens.obtain(destination, alice)).toEqual(shown(token));
      clock.now += hour;
    }
    expect(grants(asked)).toEqual(['token-of-alice', 'r1', 'r2']);
  });

  test('of a service that does not rotate keeps the one it has', async () => {
    const { tokens, asked, clock } = askedTokens((_, count) => (count === 1 ? { refreshToken: 'r1' } : {}));
    const destination = await make();
    for (let round = 0; round < 3; round += 1) {
      await tokens.obtain(destination, alice);
      clock.now += hour;
    }
    expect(grants(asked)).toEqual(['token-of-alice', 'r1', 'r1']);
  });

  test("that has been revoked is got anew with the user's token, in the same breath", async () => {
    const revoked = new AppError({ code: 'ERR_TOKEN_SERVICE', status: 401, members: { error: 'invalid_grant' } });
    const { tokens, asked, clock } = askedTokens(({ fields }, count) => {
      if (fields.grant_type === 'refresh_token') throw revoked;
      return { refreshToken: `r${count}` };
    });
    const destination = await make();
    await tokens.obtain(destination, alice);
    clock.now += hour;
    expect(await tokens.obtain(destination, alice)).toEqual(shown('3'));
    expect(grants(asked)).toEqual(['token-of-alice', 'r1', 'token-of-alice']);
  });

  test('is not got anew when the service is down: that would not help', async () => {
    const down = new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502 });
    const { tokens, asked, clock } = askedTokens((_, count) => {
      if (count === 2) throw down;
      return { refreshToken: 'r1' };
    });
    const destination = await make();
    await tokens.obtain(destination, alice);
    clock.now += hour;
    await expect(tokens.obtain(destination, alice)).rejects.toBe(down);
    expect(grants(asked)).toEqual(['token-of-alice', 'r1']);
    await tokens.obtain(destination, alice);
    expect(grants(asked).at(-1)).toBe('r1');
  });

  test("that the upstream refuses is got with the user's token: what was revoked would only come again", async () => {
    const { tokens, asked } = askedTokens(() => ({ refreshToken: 'r' }));
    const destination = await make();
    const rejected = await tokens.obtain(destination, alice);
    await tokens.obtain(destination, alice, { rejected });
    await tokens.obtain(destination, alice, { claims: '{"access_token":{}}' });
    expect(grants(asked)).toEqual(new Array(3).fill('token-of-alice'));
  });

  test('is forgotten at logout, refresh token and all', async () => {
    const { tokens, asked, clock } = askedTokens(() => ({ refreshToken: 'r' }));
    const destination = await make();
    await tokens.obtain(destination, alice);
    clock.now += hour;
    tokens.forget(alice.tokenHash);
    await tokens.obtain(destination, alice);
    expect(grants(asked)).toEqual(['token-of-alice', 'token-of-alice']);
  });

  test('a client token is simply asked for again', async () => {
    const { tokens, asked, clock } = askedTokens();
    const destination = await destinationOf({
      Authentication: 'OAuth2ClientCredentials',
      clientId: 'c',
      clientSecret: 's',
      tokenServiceURL: 'https://login.example/token',
    });
    await tokens.obtain(destination, alice);
    clock.now += hour;
    await tokens.obtain(destination, alice);
    expect(asked.map(({ fields }) => fields.grant_type)).toEqual(['client_credentials', 'client_credentials']);
  });
});
