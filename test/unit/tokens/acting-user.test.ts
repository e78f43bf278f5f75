import { describe, expect, test } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import type { AppError } from '../../../src/errors/app-error.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import type { TokenInquiry } from '../../../src/tokens/request-token.ts';
import { destinationOf } from './support/destination-of.ts';
import { userWith } from './support/principal-of.ts';

/** com.sap.sequentialUserPropagation without its headers: two destinations and no code (destination-service.md 3.6). */
const oauth = { clientId: 'c', clientSecret: 's', tokenServiceURL: 'https://login.example/token' };
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const alice = userWith('entra token of alice', { sub: 'alice' });
const bob = userWith('entra token of bob', { sub: 'bob' });

const ias = (more: object = {}) =>
  destinationOf({ Name: 'ias', Authentication: 'OAuth2JWTBearer' as const, ...oauth, ...more });
const target = (more: object = {}) =>
  destinationOf({
    Name: 'target',
    Authentication: 'OAuth2JWTBearer' as const,
    ...oauth,
    'userToken.destinationName': 'ias',
    ...more,
  });

/** Each destination's service answers a JWT that says whose assertion it was made of. */
function chained(...others: Destination[]) {
  const asked: TokenInquiry[] = [];
  const tokens = createTokens({
    find: (name) => others.find((destination) => destination.name === name),
    requestToken: async (inquiry) => {
      asked.push(inquiry);
      const from = inquiry.fields['assertion'] ?? inquiry.fields['subject_token'] ?? '';
      return {
        token: jwt({ by: inquiry.destination, from, user_uuid: `uuid of ${from}` }),
        expiresAt: Date.now() + 3_600_000,
      };
    },
  });
  return { asked, tokens };
}

describe("the token of the first destination is the user's token of the second", () => {
  test('the second never sees the token of the login', async () => {
    const { asked, tokens } = chained(await ias());
    await tokens.obtain(await target(), alice);
    expect(asked.map(({ destination }) => destination)).toEqual(['ias', 'target']);
    expect(asked[0]?.fields['assertion']).toBe('entra token of alice');
    expect(asked[1]?.fields['assertion']).toBe(
      jwt({ by: 'ias', from: 'entra token of alice', user_uuid: 'uuid of entra token of alice' }),
    );
  });

  test('three in a row work as two do', async () => {
    const second = await ias({ Name: 'second', 'userToken.destinationName': 'ias' });
    const { asked, tokens } = chained(await ias(), second);
    await tokens.obtain(await target({ 'userToken.destinationName': 'second' }), alice);
    expect(asked.map(({ destination }) => destination)).toEqual(['ias', 'second', 'target']);
  });

  test('each is kept: for another target the first is not asked again, and the user is not mixed up', async () => {
    const { asked, tokens } = chained(await ias());
    const [one, two] = [await target(), await target({ Name: 'other' })];
    const got = [];
    for (const user of [alice, bob, alice])
      for (const destination of [one, two]) got.push(await tokens.obtain(destination, user));
    expect(asked.filter(({ destination }) => destination === 'ias')).toHaveLength(2);
    expect(asked).toHaveLength(6);
    expect(new Set(got.map((credential) => JSON.stringify(credential))).size).toBe(4);
  });

  test('a logout forgets all of them', async () => {
    const { asked, tokens } = chained(await ias());
    const destination = await target();
    await tokens.obtain(destination, alice);
    tokens.forget(alice.tokenHash);
    await tokens.obtain(destination, alice);
    expect(asked).toHaveLength(4);
  });

  test('another first destination under the same name is another token', async () => {
    const destination = await target();
    let first = await ias();
    const asked: string[] = [];
    const tokens = createTokens({
      find: () => first,
      requestToken: async ({ destination: name }) => {
        asked.push(name);
        return { token: 't', expiresAt: Date.now() + 3_600_000 };
      },
    });
    await tokens.obtain(destination, alice);
    first = await ias({ scope: 'changed' });
    await tokens.obtain(destination, alice);
    expect(asked).toEqual(['ias', 'target', 'ias', 'target']);
  });

  test('its claims are what tenants are read from', async () => {
    const first = await ias();
    const destination = await target({ tokenServiceURLType: 'Common' });
    const hosts: string[] = [];
    const tokens = createTokens({
      find: () => first,
      requestToken: async ({ tokenService }) => {
        hosts.push(tokenService.url.hostname);
        return { token: jwt({ ext_attr: { zdn: 'acme' } }), expiresAt: Date.now() + 3_600_000 };
      },
    });
    await tokens.obtain(destination, userWith('t', { ext_attr: { zdn: 'entra' } }));
    expect(hosts).toEqual(['login.example', 'acme.login.example']);
  });

  test('the type of an exchanged subject token is that of the new token', async () => {
    const first = await ias();
    const { asked, tokens } = chained(first);
    const exchange = await target({ Authentication: 'OAuth2TokenExchange' });
    await tokens.obtain(exchange, userWith('opaque'));
    expect(asked[1]?.fields['subject_token_type']).toBe('urn:ietf:params:oauth:token-type:jwt');
  });
});

describe('what goes wrong', () => {
  test('nobody logged in: the first is not even asked', async () => {
    const { asked, tokens } = chained(await ias());
    const destination = await target();
    expect(() => tokens.obtain(destination, anonymous)).toThrow(
      expect.objectContaining({ code: 'ERR_LOGIN_REQUIRED' }) as AppError,
    );
    expect(asked).toHaveLength(0);
  });

  test('a circle that no start has seen', async () => {
    const first = await ias({ 'userToken.destinationName': 'target' });
    const destination = await target();
    const { tokens } = chained(first, destination);
    expect(() => tokens.obtain(destination, alice)).toThrow(/leads back to where it began/);
  });

  test('one named with the call wins over the property', async () => {
    const { asked, tokens } = chained(await ias(), await ias({ Name: 'named' }));
    await tokens.issue(await target(), alice, { input: { userTokenDestination: 'named' } });
    expect(asked.map(({ destination }) => destination)).toEqual(['named', 'target']);
  });
});
