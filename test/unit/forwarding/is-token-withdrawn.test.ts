import { describe, expect, test } from 'vitest';
import type { Destination } from '../../../src/destinations/destination.ts';
import { isTokenWithdrawn } from '../../../src/forwarding/is-token-withdrawn.ts';

const successFactors = {
  authentication: 'OAuth2SAMLBearerAssertion',
  saml: { successFactors: { apiKey: 'KEY', companyId: 'ACME', useEmail: false } },
} as Destination;
const other = { authentication: 'OAuth2SAMLBearerAssertion', saml: { successFactors: undefined } } as Destination;
const headers = (code: string) => ['content-type', 'application/json', 'x-error-code', `[${code}]`];

describe('a token that SuccessFactors issued and does not take any more (token-flows.md E3, E5)', () => {
  test.each(['LGN0006', 'LGN0007', 'LGN0022'])('%s with 403 is one', (code) => {
    expect(isTokenWithdrawn(successFactors, 403, headers(code))).toBe(true);
  });

  test.each<[string, Destination, number, readonly string[]]>([
    ['a permission that is missing', successFactors, 403, headers('LGN0002')],
    ['a refusal without a code', successFactors, 403, ['content-type', 'text/plain']],
    ['the code with another status', successFactors, 404, headers('LGN0022')],
    ['a header that is called so', successFactors, 403, ['LGN0022', 'x']],
    ['a longer number', successFactors, 403, headers('LGN00221')],
    ['another target', other, 403, headers('LGN0022')],
    ['another type', { authentication: 'NoAuthentication' } as Destination, 403, headers('LGN0022')],
  ])('%s is none', (_, destination, status, raw) => {
    expect(isTokenWithdrawn(destination, status, raw)).toBe(false);
  });
});

describe('a token that an API wants more claims of, and says so with 403 (token-flows.md A10)', () => {
  const graph = { authentication: 'OAuth2JWTBearer' } as Destination;
  const challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ=="';

  test.each([
    ['www-authenticate', challenge],
    ['WWW-Authenticate', 'Bearer error=insufficient_claims, claims="eyJhIjoxfQ=="'],
  ])('%s: %s is one', (name, value) => {
    expect(isTokenWithdrawn(graph, 403, ['date', 'x', name, value])).toBe(true);
  });

  test.each<[string, number, readonly string[]]>([
    ['a scope that is missing', 403, ['www-authenticate', 'Bearer error="insufficient_scope"']],
    ['the words in another header', 403, ['x-reason', challenge]],
    ['another status', 400, ['www-authenticate', challenge]],
  ])('%s is none', (_, status, raw) => {
    expect(isTokenWithdrawn(graph, status, raw)).toBe(false);
  });
});
