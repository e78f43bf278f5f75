import { describe, expect, test } from 'vitest';
import { anonymous } from '../../../../src/authorization/principal.ts';
import { askedTokens } from '../support/asked.ts';
import { destinationOf } from '../support/destination-of.ts';
import { userWith } from '../support/principal-of.ts';

const oauth = { clientId: 'c', clientSecret: 's', tokenServiceURL: 'https://login.example/token' };
const alice = userWith('token-of-alice');

describe('OAuth2RefreshToken', () => {
  const make = () => destinationOf({ Authentication: 'OAuth2RefreshToken', ...oauth });

  test("spends the caller's refresh token, and hands the next one back", async () => {
    const { tokens, asked } = askedTokens(() => ({ refreshToken: 'next' }));
    const issued = await tokens.issue(await make(), anonymous, { input: { refreshToken: 'mine' } });
    expect(issued.answer).toMatchObject({ token: '1', refreshToken: 'next' });
    expect(asked[0]?.fields).toEqual({ grant_type: 'refresh_token', refresh_token: 'mine' });
  });

  test('keeps nothing: two callers with the same token both ask', async () => {
    const { tokens, asked } = askedTokens(() => ({ refreshToken: 'next' }));
    const destination = await make();
    await Promise.all([1, 2].map(() => tokens.issue(destination, anonymous, { input: { refreshToken: 'mine' } })));
    expect(asked).toHaveLength(2);
  });

  test('cannot serve a proxied request, and says why', async () => {
    const { tokens, asked } = askedTokens();
    await expect(tokens.obtain(await make(), alice)).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      status: 502,
      detail: expect.stringContaining('needs a refresh token with each call, and a proxied request brings none'),
    });
    expect(asked).toHaveLength(0);
  });

  test('is not worth a second try after the upstream refused: the same would come again', async () => {
    expect(askedTokens().tokens.isRenewable(await make())).toBe(false);
  });
});

describe('OAuth2AuthorizationCode', () => {
  const make = () => destinationOf({ Authentication: 'OAuth2AuthorizationCode', ...oauth });

  test("redeems the caller's code with redirect URI and verifier (RFC 7636 4.5)", async () => {
    const { tokens, asked } = askedTokens();
    const authorizationCode = { code: 'abc', redirectUri: 'https://app.example/cb', codeVerifier: 'v' };
    await tokens.issue(await make(), anonymous, { input: { authorizationCode } });
    expect(asked[0]?.fields).toEqual({
      grant_type: 'authorization_code',
      code: 'abc',
      redirect_uri: 'https://app.example/cb',
      code_verifier: 'v',
    });
  });

  test('cannot serve a proxied request, and says why', async () => {
    await expect(askedTokens().tokens.obtain(await make(), alice)).rejects.toMatchObject({
      status: 502,
      detail: expect.stringContaining('needs an authorization code'),
    });
  });
});

describe('a SAML assertion that the caller provides', () => {
  const make = () =>
    destinationOf({
      Authentication: 'OAuth2SAMLBearerAssertion',
      clientKey: 'KEY',
      tokenServiceURL: 'https://api.sf.example/oauth/token',
      SAMLAssertionProvider: 'ClientProvided',
    });

  test('goes through as it came, and its token is kept for it alone', async () => {
    const { tokens, asked } = askedTokens();
    const destination = await make();
    const get = (samlAssertion: string) => tokens.obtain(destination, anonymous, { input: { samlAssertion } });
    const got = [await get('one'), await get('two'), await get('one')];
    expect(asked.map(({ fields }) => fields['assertion'])).toEqual(['one', 'two']);
    expect(got[0]).toEqual(got[2]);
    expect(got[0]).not.toEqual(got[1]);
  });

  test('is missing from a proxied request', async () => {
    await expect(askedTokens().tokens.obtain(await make(), alice)).rejects.toMatchObject({
      detail: expect.stringContaining('needs a SAML assertion'),
    });
  });
});
