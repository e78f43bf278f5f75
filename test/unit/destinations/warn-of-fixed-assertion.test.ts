import { describe, expect, test } from 'vitest';
import { parse } from '../tokens/support/destination-of.ts';

const now = Date.parse('2026-01-15T12:00:00Z');
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const at = (date: string) => jwt({ exp: Date.parse(date) / 1000 });

async function warningsOf(field: string, value: string) {
  const raw = {
    Name: 'graph',
    URL: 'https://graph.example',
    Authentication: 'OAuth2JWTBearer',
    clientId: 'c',
    ...(field === 'client_assertion' ? {} : { clientSecret: 's' }),
    tokenServiceURL: 'https://login.example/token',
    [`tokenService.body.${field}`]: value,
  };
  return (await parse(raw, { now })).warnings;
}

describe('an assertion written into the destination is renewed by nobody (destination-service.md 8 #14)', () => {
  test.each([
    [
      'client_assertion',
      at('2026-01-15T11:59:00Z'),
      'expired on 2026-01-15T11:59Z, and nobody renews it; clientAssertion.KeyStoreLocation',
    ],
    ['client_assertion', at('2026-02-10T00:00:00Z'), 'expires on 2026-02-10T00:00Z, and nobody renews it'],
    [
      'assertion',
      at('2026-01-15T13:00:00Z'),
      'expires on 2026-01-15T13:00Z, and nobody renews it; without it the token',
    ],
  ])('%s', async (field, value, expected) => {
    expect(await warningsOf(field, value)).toEqual([
      expect.stringContaining(`d.json/0/tokenService.body.${field}: ${expected}`),
    ]);
  });

  test.each([
    ['one that lives for long', at('2026-02-15T00:00:00Z')],
    ['one without an end', jwt({ sub: 'x' })],
    ['an end that is no time', jwt({ exp: 'soon' })],
    ['an end beyond all time', jwt({ exp: 1e300 })],
    ['no object', jwt([])],
    ['no claims at all', 'e30.bnVsbA.c2ln'],
    ['a SAML assertion', 'PHNhbWw-'],
    ['three words', 'a.b.c'],
  ])('%s is left alone', async (_, value) => {
    expect(await warningsOf('client_assertion', value)).toEqual([]);
  });
});
