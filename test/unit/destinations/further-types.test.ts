import { describe, expect, test } from 'vitest';
import { destinationOf, parse } from '../tokens/support/destination-of.ts';
import { openKeyPairs } from '../tokens/support/key-pairs.ts';

const { keyStores } = openKeyPairs({ ship: {} });

const base = { Name: 'orders', URL: 'https://orders.example' };
const oauth = { clientId: 'c', clientSecret: 's', tokenServiceURL: 'https://login.example/token' };
const ship = { KeyStoreLocation: 'ship.p12', KeyStorePassword: 'x' };

async function problemsOf(raw: object): Promise<readonly string[]> {
  return (await parse({ ...base, ...raw }, { keyStores })).problems;
}

describe('OAuth2Password', () => {
  const raw = { Authentication: 'OAuth2Password' as const, ...oauth, User: 'robot', Password: 'p' };

  test('names a user of the token service', async () => {
    expect(await destinationOf(raw)).toMatchObject({ user: 'robot', password: 'p', tokenService: { clientId: 'c' } });
  });

  test.each(['User', 'Password'])('is refused without %s', async (name) => {
    expect(await problemsOf({ ...raw, [name]: '' })).toEqual([
      `d.json/0/${name}: is missing; OAuth2Password needs User and Password`,
    ]);
  });
});

describe('ClientCertificateAuthentication', () => {
  const raw = { Authentication: 'ClientCertificateAuthentication' as const, ...ship };

  test('shows its certificate to the target itself', async () => {
    const { tls } = await destinationOf({ ...raw, TrustStoreLocation: 'ship.crt.pem' }, { keyStores });
    expect(tls.clientCertificate?.commonName).toBe('ship');
    expect(tls).toMatchObject({ verify: true, trust: [expect.stringContaining('BEGIN CERTIFICATE')] });
  });

  test('no other type shows one', async () => {
    const { tls } = await destinationOf({ Authentication: 'NoAuthentication', ...ship }, { keyStores });
    expect(tls.clientCertificate).toBeUndefined();
  });

  test.each<[object, string]>([
    [{ KeyStoreLocation: '' }, 'KeyStoreLocation: is missing; name the key store'],
    [{ KeyStorePassword: 'y' }, 'KeyStorePassword: ship.p12 cannot be opened'],
    [{ URL: 'http://orders.example' }, 'URL: must be https'],
    [{ 'KeyStore.Source': 'ClientProvided' }, 'KeyStore.Source: ClientProvided is for callers who hold the key'],
  ])('with %j is refused', async (changes, expected) => {
    expect(await problemsOf({ ...raw, ...changes })).toEqual([expect.stringContaining(expected)]);
  });
});

describe('SAMLAssertion', () => {
  const raw = { Authentication: 'SAMLAssertion' as const, audience: 'https://s4.example', ...ship };

  test('needs no token service; encodes in base64; has no recipient unless told (destination-service.md 3.1)', async () => {
    const destination = await destinationOf(raw, { keyStores });
    expect(destination).not.toHaveProperty('tokenService');
    expect(destination.saml).toMatchObject({ encoding: 'base64', recipient: undefined, clientKey: undefined });
  });

  test('asks ABAP for a session, unless the destination says something else', async () => {
    expect((await destinationOf(raw, { keyStores })).headers).toEqual({ 'x-sap-security-session': 'create' });
    const own = { 'URL.headers.X-Sap-Security-Session': 'none', 'sap-client': '100' };
    const { headers } = await destinationOf({ ...raw, ...own }, { keyStores });
    expect(headers).toEqual({ 'x-sap-security-session': 'none', 'sap-client': '100' });
  });

  test('takes recipient, encoding and clientKey', async () => {
    const more = { assertionRecipient: 'https://r.example', samlAssertionEncoding: 'base64url', clientKey: 'KEY' };
    const { saml } = await destinationOf({ ...raw, ...more }, { keyStores });
    expect(saml).toMatchObject({ recipient: 'https://r.example', encoding: 'base64url', clientKey: 'KEY' });
  });
});

describe('types for callers of the API', () => {
  test.each([
    ['OAuth2RefreshToken', 'brings no refresh token'],
    ['OAuth2AuthorizationCode', 'brings no authorization code'],
  ])('%s is read, with a word about routes', async (Authentication, expected) => {
    const { problems, warnings } = await parse({ ...base, ...oauth, Authentication });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(expected)]);
  });

  test('an assertion that the caller provides needs no key and no audience', async () => {
    const raw = {
      Authentication: 'OAuth2SAMLBearerAssertion' as const,
      clientKey: 'KEY',
      SAMLAssertionProvider: 'ClientProvided',
    };
    const { tokenServiceURL } = oauth;
    expect((await destinationOf({ ...raw, tokenServiceURL })).saml).toBeUndefined();
    expect((await parse({ ...base, ...raw, tokenServiceURL })).warnings).toEqual([
      expect.stringContaining('brings no SAML assertion'),
    ]);
  });
});

describe('how a user token from elsewhere would be verified (x_user_token.*)', () => {
  const raw = { Authentication: 'OAuth2JWTBearer' as const, ...oauth };
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
  const jwks = { keys: [{ kty: 'RSA', kid: '1', n: 'AQAB', e: 'AQAB' }] };

  test('by nobody unless the destination says so', async () => {
    expect((await destinationOf(raw)).userToken.verification).toBeUndefined();
  });

  test('by keys in the destination, before those at an address', async () => {
    const both = { 'x_user_token.jwks': encoded(jwks), 'x_user_token.jwks_uri': 'https://idp.example/keys' };
    expect((await destinationOf({ ...raw, ...both })).userToken.verification).toEqual({
      keys: { kind: 'inline', jwks },
      type: 'JWT',
    });
  });

  test('by keys at an address, with the header typ expected', async () => {
    const there = { 'x_user_token.jwks_uri': 'https://idp.example/keys', 'x_user_token.header.typ': 'at+jwt' };
    expect((await destinationOf({ ...raw, ...there })).userToken.verification).toEqual({
      keys: { kind: 'uri', uri: new URL('https://idp.example/keys') },
      type: 'at+jwt',
    });
  });

  test('by issuer and audience, and where its claims become a user id, a warning without them', async () => {
    const there = { 'x_user_token.jwks_uri': 'https://idp.example/keys' };
    const saml = { ...raw, Authentication: 'OAuth2SAMLBearerAssertion', clientKey: 'k', ...there };
    const told = async (more: object) =>
      (await parse({ Name: 'o', URL: 'https://o.example', ...saml, ...more })).warnings.filter((line) =>
        line.includes('x_user_token'),
      );
    expect(await told({})).toEqual([
      expect.stringContaining('x_user_token.jwks_uri: makes every token signed with these keys a user'),
    ]);
    const named = { 'x_user_token.issuer': 'https://idp.example/t1', 'x_user_token.audience': 'harbour' };
    expect(await told(named)).toEqual([]);
    expect((await destinationOf({ ...raw, ...there, ...named })).userToken.verification).toMatchObject({
      issuer: 'https://idp.example/t1',
      audience: 'harbour',
    });
  });

  test.each<[object, string]>([
    [{ 'x_user_token.jwks': 'nonsense' }, 'x_user_token.jwks: must be the base64 of a JWK Set'],
    [{ 'x_user_token.jwks': encoded({ keys: 'x' }) }, 'x_user_token.jwks: must be the base64 of a JWK Set'],
    [{ 'x_user_token.jwks': encoded([]) }, 'x_user_token.jwks: must be the base64 of a JWK Set'],
    [{ 'x_user_token.jwks_uri': 'http://idp.example/keys' }, 'x_user_token.jwks_uri: must be an https URL'],
    [{ 'x_user_token.jwks_uri': 'keys' }, 'x_user_token.jwks_uri: must be an https URL'],
  ])('%j is refused', async (properties, expected) => {
    expect(await problemsOf({ ...raw, ...properties })).toEqual([expect.stringContaining(expected)]);
  });
});
