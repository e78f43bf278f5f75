import { describe, expect, test } from 'vitest';
import { decodeServedError } from '../../../src/tokens/decode-served-error.ts';

const destination = { name: 'orders', type: 'OAuth2SAMLBearerAssertion' };
const now = 1_800_000_000_000;
const userUntil = (exp: number) =>
  ({ kind: 'user', provider: 'p', claims: { exp }, scopes: [], token: 'user-token-0815', tokenHash: 'h' }) as const;
const decode = (reason: string, user = userUntil(now / 1000 + 60)) => decodeServedError(destination, reason, user, now);

describe('what the Destination service says in the place of a token (destination-service.md 4.9)', () => {
  const prefix = 'Retrieval of OAuthToken failed due to: ';
  test.each([
    [`${prefix}Cannot determine user to propagate for OAuth2SAMLBearerAssertion destination.`, /told no user/],
    ['You must send the X-tenant header when the tokenServiceURLType property is Common', /none was named/],
    [
      'Unable to fetch refresh token from the specified token service URL. Response was: Insufficient scope for this resource',
      /lacks a scope/,
    ],
    [
      'Retrieving of OAuthToken failed due to the following reason: Token header claim [kid] references unknown signing key : [default-jwt-key-1]',
      /does not know who signed/,
    ],
    ['unexpected error', /cannot verify the user's token/],
    ['Request to the /userinfo endpoint ended with status code 403', /may not read the user's attributes/],
    [`${prefix}{"errorHttpCode":"401","errorMessage":"Invalid useruuid"}`, /takes user_uuid for the user/],
    ['Unable to authenticate the client (Login failed - invalid user)', /does not know the user/],
    ['Unable to verify the signature of the SAML assertion.', /another certificate/],
    [
      `${prefix}Response was: {"error":"unauthorized","error_description":"Bad credentials"}`,
      /does not accept the client/,
    ],
    ['Failed to create SSL connection', /TLS connection/],
    ['Could not verify the provided CSRF token because no token was found to compare.', /no token endpoint/],
    ['user ID could not be determined', /finds no user id/],
    [`${prefix}AADSTS7000222: The provided client secret keys are expired.`, /client secret has expired/],
    ['The client assertion has expired', /client assertion/],
    ['something that nobody has seen before', /gets no token/],
  ])('%s', (reason, cause) => {
    const { status, detail, hint } = decode(reason);
    expect(status).toBe(502);
    expect(detail).toMatch(cause);
    expect(detail).toContain('orders');
    expect(hint).toMatch(/\.$/);
  });

  test('is 401 when the user’s token has expired, whatever it says', () => {
    expect(decode('unexpected error', userUntil(now / 1000 - 1)).status).toBe(401);
    expect(decode('The token has expired').status).toBe(401);
  });

  test.each([
    ['AADSTS50076', 'invalid_grant', undefined],
    ['AADSTS999999', 'interaction_required', undefined],
    ['AADSTS999999', 'invalid_grant', 'user_password_expired'],
  ])('is 401 where it quotes what the user can help with: %s, %s, %s (token-flows.md A8)', (code, error, suberror) => {
    const said = JSON.stringify({ error, suberror, error_description: `${code}: Something.` });
    expect(decode(`${prefix}Response was: ${said}.`).status).toBe(401);
  });

  test('hands a claims challenge on that it quotes (token-flows.md A10)', () => {
    const claims = '{"access_token":{"polids":{"essential":true,"values":["1"]}}}';
    const said = JSON.stringify({ error: 'interaction_required', error_description: 'AADSTS50079: Enrol.', claims });
    const { status, headers } = decode(`${prefix}Response was: ${said}`);
    expect([status, headers]).toEqual([
      401,
      {
        'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`,
      },
    ]);
  });

  test('is shown in its own words, without the user’s token and without the wrapping', () => {
    const { members } = decode(`${prefix}{"error":"x","error_description":"No user-token-0815 here"}`);
    expect(members['description']).toBe('No […] here');
  });
});
