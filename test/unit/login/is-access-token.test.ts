import { describe, expect, test } from 'vitest';
import { isAccessToken } from '../../../src/login/is-access-token.ts';

describe('what a caller may present (RFC 9068, RFC 8725 3.11)', () => {
  test.each<[string, string | undefined, Record<string, unknown>, boolean]>([
    ['an access token by its type', 'at+jwt', { nonce: 'x' }, true],
    ['the same written out', 'application/at+JWT', {}, true],
    ['one that says nothing', undefined, {}, true],
    ['one of type JWT', 'JWT', { scp: 'Orders.Read' }, true],
    ['Keycloak’s access token, with a nonce as old versions have it', 'JWT', { typ: 'Bearer', nonce: 'x' }, true],
    ['Cognito’s access token', undefined, { token_use: 'access' }, true],
    ['an id_token with the nonce of a login', 'JWT', { nonce: 'x' }, false],
    ['an id_token with the hash of an access token', undefined, { at_hash: 'x' }, false],
    ['an id_token with the hash of a code', undefined, { c_hash: 'x' }, false],
    ['Keycloak’s id_token', 'JWT', { typ: 'ID' }, false],
    ['Keycloak’s refresh token', 'JWT', { typ: 'Refresh' }, false],
    ['Cognito’s id_token', undefined, { token_use: 'id' }, false],
    ['a logout token by its type', 'logout+jwt', {}, false],
    ['a logout token by its events', 'JWT', { events: {} }, false],
    ['a client assertion by its type', 'client-authentication+jwt', {}, false],
    ['a DPoP proof', 'dpop+jwt', {}, false],
  ])('%s', (_, typ, payload, accepted) => {
    expect(isAccessToken({ header: { typ }, payload }, true)).toBe(accepted);
  });

  test('UAA puts the nonce into both', () => {
    expect(isAccessToken({ header: { typ: 'JWT' }, payload: { nonce: 'x' } }, false)).toBe(true);
    expect(isAccessToken({ header: { typ: 'JWT' }, payload: { at_hash: 'x' } }, false)).toBe(false);
  });
});
