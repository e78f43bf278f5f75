import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import type { AppError } from '../../../src/errors/app-error.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import type { TokenInquiry } from '../../../src/tokens/request-token.ts';
import { destinationOf } from './support/destination-of.ts';
import { userWith } from './support/principal-of.ts';

const alice = userWith('token-of-alice');
const bob = userWith('token-of-bob');
const oauth = { clientId: 'c', clientSecret: 's', tokenServiceURL: 'https://login.example/token' };
const technical = () => destinationOf({ Authentication: 'OAuth2ClientCredentials', ...oauth });
const named = () => destinationOf({ Authentication: 'OAuth2JWTBearer', ...oauth });

/** Tokens whose service numbers its answers and remembers what it was asked. */
function tokensWithService() {
  const asked: TokenInquiry[] = [];
  const tokens = createTokens({
    requestToken: async (inquiry) => {
      asked.push(inquiry);
      return { token: `${asked.length}`, expiresAt: Date.now() + 3_600_000 };
    },
  });
  return { asked, tokens };
}

const shown = (token: string) => ({ kind: 'header', name: 'authorization', value: `Bearer ${token}` });

describe('without a token service', () => {
  test('NoAuthentication shows nothing', async () => {
    const destination = await destinationOf({ Authentication: 'NoAuthentication' });
    expect(createTokens().obtain(destination, alice)).toEqual({ kind: 'none' });
  });

  test("forwardAuthToken shows the user's token, and nothing when nobody is logged in", async () => {
    const destination = await destinationOf({ Authentication: 'NoAuthentication', forwardAuthToken: true });
    expect(createTokens().obtain(destination, alice)).toEqual(shown('token-of-alice'));
    expect(createTokens().obtain(destination, anonymous)).toEqual({ kind: 'none' });
  });

  test('BasicAuthentication shows user and password in UTF-8 (RFC 7617 2.1)', async () => {
    const destination = await destinationOf({ Authentication: 'BasicAuthentication', User: 'test', Password: '123£' });
    expect(createTokens().obtain(destination, anonymous)).toEqual({
      kind: 'header',
      name: 'authorization',
      value: 'Basic dGVzdDoxMjPCow==',
    });
  });

  test('there is nothing to renew, and with one there is', async () => {
    const destination = await destinationOf({ Authentication: 'NoAuthentication' });
    expect(createTokens().isRenewable(destination)).toBe(false);
    expect(createTokens().isRenewable(await technical())).toBe(true);
  });
});

describe("a client's token", () => {
  test('is the same for everybody, logged in or not, and given at once when it is at hand', async () => {
    const { asked, tokens } = tokensWithService();
    const destination = await technical();
    expect(await tokens.obtain(destination, alice)).toEqual(shown('1'));
    expect(tokens.obtain(destination, bob)).toEqual(shown('1'));
    expect(tokens.obtain(destination, anonymous)).toEqual(shown('1'));
    expect(asked).toHaveLength(1);
  });

  test("is asked for without the user's token", async () => {
    const { asked, tokens } = tokensWithService();
    await tokens.obtain(await technical(), alice);
    expect(JSON.stringify(asked)).not.toContain('token-of-alice');
  });
});

describe("a user's token", () => {
  test("is the user's alone", async () => {
    const { asked, tokens } = tokensWithService();
    const destination = await named();
    expect(await tokens.obtain(destination, alice)).toEqual(shown('1'));
    expect(await tokens.obtain(destination, bob)).toEqual(shown('2'));
    expect(tokens.obtain(destination, alice)).toEqual(shown('1'));
    expect(asked.map(({ fields }) => fields['assertion'])).toEqual(['token-of-alice', 'token-of-bob']);
  });

  test('is not to be had without a user: log in first', async () => {
    const destination = await named();
    const { asked, tokens } = tokensWithService();
    expect(() => tokens.obtain(destination, anonymous)).toThrow(
      expect.objectContaining({ code: 'ERR_LOGIN_REQUIRED', status: 401 }) as AppError,
    );
    expect(asked).toHaveLength(0);
  });

  test('is forgotten at logout; the others are not', async () => {
    const { asked, tokens } = tokensWithService();
    const [destination, other] = [await named(), await technical()];
    for (const user of [alice, bob]) await tokens.obtain(destination, user);
    await tokens.obtain(other, alice);
    tokens.forget(alice.tokenHash);
    expect(await tokens.obtain(destination, alice)).toEqual(shown('4'));
    expect(tokens.obtain(destination, bob)).toEqual(shown('2'));
    expect(tokens.obtain(other, alice)).toEqual(shown('3'));
    expect(asked).toHaveLength(4);
  });

  test('for a fixed assertion it is the same for everybody', async () => {
    const destination = await destinationOf({
      Authentication: 'OAuth2JWTBearer',
      ...oauth,
      'tokenService.body.assertion': 'fixed',
    });
    const { asked, tokens } = tokensWithService();
    await tokens.obtain(destination, anonymous);
    expect(tokens.obtain(destination, alice)).toEqual(shown('1'));
    expect(asked[0]?.fields['assertion']).toBeUndefined();
  });
});

describe('when the upstream refuses', () => {
  test('fresh asks again, and the new one takes the place of the old', async () => {
    const { tokens } = tokensWithService();
    const destination = await technical();
    await tokens.obtain(destination, anonymous);
    expect(await tokens.obtain(destination, anonymous, { fresh: true })).toEqual(shown('2'));
    expect(tokens.obtain(destination, anonymous)).toEqual(shown('2'));
  });

  test('many who were refused the same token ask once', async () => {
    const { asked, tokens } = tokensWithService();
    const destination = await technical();
    const rejected = await tokens.obtain(destination, anonymous);
    const renewed = await Promise.all(
      Array.from({ length: 20 }, () => tokens.obtain(destination, anonymous, { rejected })),
    );
    expect(renewed).toEqual(new Array(20).fill(shown('2')));
    expect(tokens.obtain(destination, anonymous, { rejected }), 'one who was slower').toEqual(shown('2'));
    expect(asked).toHaveLength(2);
  });

  test('a challenge goes along as decoded JSON, and what it brought is kept', async () => {
    const { asked, tokens } = tokensWithService();
    const destination = await named();
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}';
    await tokens.obtain(destination, alice);
    const encoded = Buffer.from(claims).toString('base64');
    expect(await tokens.obtain(destination, alice, { claims: encoded })).toEqual(shown('2'));
    expect(asked.map((inquiry) => inquiry.claims)).toEqual([undefined, claims]);
    expect(tokens.obtain(destination, alice)).toEqual(shown('2'));
  });

  test('different challenges at one time are different requests', async () => {
    const { asked, tokens } = tokensWithService();
    const destination = await named();
    await Promise.all(['{"a":1}', '{"a":2}', '{"a":1}'].map((claims) => tokens.obtain(destination, alice, { claims })));
    expect(asked.map(({ claims }) => claims)).toEqual(['{"a":1}', '{"a":2}']);
  });

  test('a challenge that cannot be read still brings a fresh token', async () => {
    const { asked, tokens } = tokensWithService();
    const destination = await named();
    await tokens.obtain(destination, alice);
    expect(await tokens.obtain(destination, alice, { claims: 'nonsense' })).toEqual(shown('2'));
    expect(asked[1]?.claims).toBeUndefined();
  });

  describe('what cannot be sent again, such as a POST', () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}';

    test('nothing is asked for, and the next who wants the token gets another, which meets the challenge', async () => {
      const { asked, tokens } = tokensWithService();
      const destination = await named();
      const rejected = await tokens.obtain(destination, alice);
      await tokens.obtain(destination, bob);
      tokens.doubt(destination, alice, { rejected, claims });
      expect(asked).toHaveLength(2);
      expect(tokens.obtain(destination, bob), 'it is not about bob').toEqual(shown('2'));
      expect(await tokens.obtain(destination, alice)).toEqual(shown('3'));
      expect(asked[2]?.claims).toBe(claims);
      expect(tokens.obtain(destination, alice), 'and is kept').toEqual(shown('3'));
    });

    test('and one that has come meanwhile is not doubted', async () => {
      const { asked, tokens } = tokensWithService();
      const destination = await technical();
      const rejected = await tokens.obtain(destination, anonymous);
      await tokens.obtain(destination, anonymous, { rejected });
      tokens.doubt(destination, anonymous, { rejected, claims });
      expect(tokens.obtain(destination, anonymous)).toEqual(shown('2'));
      expect(asked).toHaveLength(2);
    });

    test('what is only shown would be the same again', async () => {
      const tokens = createTokens();
      const destination = await destinationOf({ Authentication: 'BasicAuthentication', User: 'u', Password: 'p' });
      const rejected = await tokens.obtain(destination, anonymous);
      tokens.doubt(destination, anonymous, { rejected, claims: undefined });
      expect(tokens.obtain(destination, anonymous)).toEqual(rejected);
    });

    test('the logout forgets it', async () => {
      const { asked, tokens } = tokensWithService();
      const destination = await named();
      const rejected = await tokens.obtain(destination, alice);
      tokens.doubt(destination, alice, { rejected, claims });
      tokens.forget(alice.tokenHash);
      await tokens.obtain(destination, alice);
      expect(asked[1]?.claims).toBeUndefined();
    });

    test('and that of somebody else does not go through all that is doubted', async () => {
      const { tokens } = tokensWithService();
      const destination = await named();
      const rejected = await tokens.obtain(destination, alice);
      for (let n = 0; n < 500; n++)
        tokens.doubt(destination, { ...alice, tokenHash: `hash ${n}` }, { rejected, claims });
      const looked = vi.spyOn(String.prototype, 'endsWith');
      onTestFinished(() => looked.mockRestore());
      tokens.forget(bob.tokenHash);
      expect(looked.mock.calls.length).toBeLessThan(50);
    });
  });
});

test('the cache holds as many as it is told', async () => {
  const { asked, tokens } = (() => {
    const inquiries: TokenInquiry[] = [];
    const requestToken = async (inquiry: TokenInquiry) => {
      inquiries.push(inquiry);
      return { token: 't', expiresAt: Date.now() + 3_600_000 };
    };
    return { asked: inquiries, tokens: createTokens({ capacity: 10, requestToken }) };
  })();
  const destination = await named();
  const users = Array.from({ length: 11 }, (_, n) => userWith(`user-${n}`));
  for (const user of users) await tokens.obtain(destination, user);
  await tokens.obtain(destination, users[0] ?? alice);
  expect(asked, 'the first had to go').toHaveLength(12);
});
