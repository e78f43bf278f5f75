import { describe, expect, test } from 'vitest';
import { anonymous } from '../../../../src/authorization/principal.ts';
import type { AppError } from '../../../../src/errors/app-error.ts';
import type { TokenFields } from '../../../../src/tokens/build-token-request.ts';
import { createTokens } from '../../../../src/tokens/obtain-credential.ts';
import { destinationOf } from '../support/destination-of.ts';
import { openKeyPairs } from '../support/key-pairs.ts';
import { userWith } from '../support/principal-of.ts';

const { keyStores } = openKeyPairs({ ship: {} });

const saml = {
  Authentication: 'OAuth2SAMLBearerAssertion' as const,
  clientKey: 'KEY',
  tokenServiceURL: 'https://api.sf.example/oauth/token',
  audience: 'www.successfactors.com',
  KeyStoreLocation: 'ship.p12',
  KeyStorePassword: 'x',
};
const alice = userWith('token-of-alice', { user_name: 'alice', user_uuid: 'uuid' });

function recording() {
  const asked: TokenFields[] = [];
  const tokens = createTokens({
    requestToken: async ({ fields }) => {
      asked.push(fields);
      return { token: `${asked.length}`, expiresAt: Date.now() + 86_400_000 };
    },
  });
  return { asked, tokens };
}

const xmlOf = (fields: TokenFields | undefined, encoding: 'base64' | 'base64url' = 'base64url') =>
  Buffer.from(fields?.['assertion'] ?? '', encoding).toString('utf8');

describe('the SAML bearer flow', () => {
  test('sends a signed assertion about the user, and the client id beside it', async () => {
    const { asked, tokens } = recording();
    const credential = await tokens.obtain(await destinationOf(saml, { keyStores }), alice);
    expect(credential).toMatchObject({ value: 'Bearer 1' });
    expect(asked[0]).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
      client_id: 'KEY',
      company_id: undefined,
      new_token: undefined,
    });
    expect(asked[0]?.['assertion']).toMatch(/^[\w-]+$/);
    expect(xmlOf(asked[0])).toContain('>alice</saml2:NameID>');
  });

  test('encodes as the destination says', async () => {
    const { asked, tokens } = recording();
    const destination = await destinationOf({ ...saml, samlAssertionEncoding: 'base64' }, { keyStores });
    await tokens.obtain(destination, alice);
    expect((asked[0]?.['assertion']?.length ?? 1) % 4).toBe(0);
    expect(xmlOf(asked[0], 'base64')).toMatch(/^<saml2:Assertion .*<\/saml2:Assertion>$/s);
  });

  test('makes a new assertion for each request: another ID, another session (T-63)', async () => {
    const { asked, tokens } = recording();
    const destination = await destinationOf(saml, { keyStores });
    await tokens.obtain(destination, alice);
    await tokens.obtain(destination, alice, { fresh: true });
    const ids = asked.map((fields) => /ID="(_[0-9a-f]{32})"/.exec(xmlOf(fields))?.[1]);
    const sessions = asked.map((fields) => /SessionIndex="([^"]+)"/.exec(xmlOf(fields))?.[1]);
    expect(new Set(ids).size).toBe(2);
    expect(new Set(sessions).size).toBe(2);
  });

  test('tells SuccessFactors the company, and asks it for a new token only after a refusal (token-flows.md E1)', async () => {
    const { asked, tokens } = recording();
    const destination = await destinationOf({ ...saml, apiKey: 'KEY', companyId: 'ACME' }, { keyStores });
    await tokens.obtain(destination, alice);
    await tokens.obtain(destination, alice, { fresh: true });
    expect(asked.map((fields) => [fields['company_id'], fields['new_token']])).toEqual([
      ['ACME', undefined],
      ['ACME', 'true'],
    ]);
    expect(xmlOf(asked[0])).toContain('Name="user_uuid"');
  });

  test('leaves user_uuid out when told so (destination-service.md 8 #1)', async () => {
    const { asked, tokens } = recording();
    const raw = { ...saml, apiKey: 'KEY', skipUserUuidInSAMLAttributes: 'true' };
    await tokens.obtain(await destinationOf(raw, { keyStores }), alice);
    expect(xmlOf(asked[0])).not.toContain('uuid');
  });

  test('with SystemUser is the same for everybody, logged in or not', async () => {
    const { asked, tokens } = recording();
    const destination = await destinationOf({ ...saml, SystemUser: 'robot' }, { keyStores });
    await tokens.obtain(destination, anonymous);
    expect(tokens.obtain(destination, alice)).toMatchObject({ value: 'Bearer 1' });
    expect(xmlOf(asked[0])).toContain('>robot</saml2:NameID>');
    expect(xmlOf(asked[0])).not.toContain('alice');
  });

  test('needs a user otherwise', async () => {
    const destination = await destinationOf(saml, { keyStores });
    expect(() => recording().tokens.obtain(destination, anonymous)).toThrow(
      expect.objectContaining({ code: 'ERR_LOGIN_REQUIRED' }) as AppError,
    );
  });

  test('says which claim it looked for when the user has none', async () => {
    const destination = await destinationOf({ ...saml, userIdSource: 'mail' }, { keyStores });
    await expect(recording().tokens.obtain(destination, alice)).rejects.toThrow(/no claim mail/);
  });
});
