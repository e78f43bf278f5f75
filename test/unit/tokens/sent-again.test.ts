import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Authentication, Destination } from '../../../src/destinations/destination.ts';
import type { FlowInput } from '../../../src/tokens/flow-input.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { destinationOf } from './support/destination-of.ts';
import { openKeyPairs } from './support/key-pairs.ts';
import { userWith } from './support/principal-of.ts';
import { json, type Received, startTokenServer, type TokenServer } from './support/token-server.ts';

/**
 * A kept connection may end just when the next request is on its way; nobody knows whether it arrived. So it is sent once
 * more, but nothing in it that is good for one use only (T-63).
 */
const { keyStores } = openKeyPairs({ ship: {} });
let server: TokenServer;
let received: Received[];
beforeAll(async () => {
  server = await startTokenServer((request, response) => {
    received.push(request);
    if (received.length === 1) return void response.destroy();
    return json(response, 200, { access_token: 'token', token_type: 'Bearer', expires_in: 60 });
  });
});
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await server.close();
});

async function obtain(Authentication: Authentication, more: object, input: FlowInput = {}) {
  const raw = { clientId: 'c', clientKey: 'c', tokenServiceURL: server.url, audience: 'aud', ...more };
  const destination = (await destinationOf({ Authentication, ...raw }, { keyStores })) as Destination;
  return createTokens().obtain(destination, userWith('alice', { user_name: 'alice' }), { input });
}
const sent = (name: string) => received.map(({ form }) => form.get(name));
const signing = { 'clientAssertion.KeyStoreLocation': 'ship.p12', 'clientAssertion.KeyStorePassword': 'x' };
const saml = { KeyStoreLocation: 'ship.p12', KeyStorePassword: 'x' };

describe('a token request whose connection is lost', () => {
  test.each<[Authentication, object, string]>([
    ['OAuth2ClientCredentials', signing, 'client_assertion'],
    ['OAuth2JWTBearer', signing, 'client_assertion'],
    ['OAuth2SAMLBearerAssertion', saml, 'assertion'],
    ['OAuth2SAMLBearerAssertion', { ...saml, ...signing }, 'client_assertion'],
  ])('%s is sent again, with a new %3$s', async (type, more, field) => {
    await expect(obtain(type, more)).resolves.toMatchObject({ value: 'Bearer token' });
    const [first, second] = sent(field);
    expect(first && second).toBeTruthy();
    expect(second).not.toBe(first);
  });

  test.each<[Authentication, object, FlowInput]>([
    ['OAuth2RefreshToken', { clientSecret: 's' }, { refreshToken: 'r' }],
    ['OAuth2AuthorizationCode', { clientSecret: 's' }, { authorizationCode: { code: 'c' } }],
    ['OAuth2SAMLBearerAssertion', { SAMLAssertionProvider: 'ClientProvided' }, { samlAssertion: 'handed-in' }],
  ])('%s is not sent again: what it carries may be spent', async (type, more, input) => {
    await expect(obtain(type, more, input)).rejects.toMatchObject({ status: 502 });
    expect(received).toHaveLength(1);
  });
});
