import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { describe, expect, test } from 'vitest';
import { makeAssertion } from '../../../src/tokens/saml/make-assertion.ts';
import { destinationOf, profileOf } from '../../unit/tokens/support/destination-of.ts';
import { openKeyPairs } from '../../unit/tokens/support/key-pairs.ts';

/** T-60: a second judge, a service provider that reads the assertion as the receiving side does. */
const { keyStores } = openKeyPairs({ ship: {}, other: {} });

const tokenServiceURL = 'https://api.sf.example/oauth/token';

async function assertion(claims: Record<string, unknown>, more: object = {}, now = Date.now()): Promise<string> {
  const destination = await destinationOf(
    {
      Authentication: 'OAuth2SAMLBearerAssertion' as const,
      clientKey: 'KEY',
      tokenServiceURL,
      audience: 'www.successfactors.com',
      KeyStoreLocation: 'ship.p12',
      KeyStorePassword: 'x',
      ...more,
    },
    { keyStores },
  );
  return Buffer.from(await makeAssertion('sfsf', profileOf(destination), claims, now), 'base64url').toString('utf8');
}

/** Lets node-saml take the assertion in, wrapped in the response it expects. */
async function receive(xml: string, options: { readonly audience?: string; readonly certificateOf?: string } = {}) {
  const { audience = 'www.successfactors.com', certificateOf = 'ship' } = options;
  const provider = new SAML({
    callbackUrl: tokenServiceURL,
    idpCert: (await keyStores.keyPair(`${certificateOf}.p12`, 'x')).chain[0] ?? '',
    issuer: 'service-provider',
    audience,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: 0,
    maxAssertionAgeMs: 0,
  });
  const response = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${tokenServiceURL}"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${xml}</samlp:Response>`;
  const { profile } = await provider.validatePostResponseAsync({
    SAMLResponse: Buffer.from(response).toString('base64'),
  });
  return profile;
}

describe('node-saml as service provider', () => {
  test('finds user, issuer, format, session and attributes', async () => {
    const xml = await assertion(
      { user_name: 'alice', email: 'alice@harbour.example', 'xs.user.attributes': { country: ['DE'] } },
      { nameQualifier: 'harbour' },
    );
    expect(await receive(xml)).toMatchObject({
      issuer: 'ship',
      nameID: 'alice',
      nameIDFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
      nameQualifier: 'harbour',
      sessionIndex: expect.stringMatching(/^[0-9a-f-]{36}$/),
      attributes: expect.objectContaining({
        client_id: 'KEY',
        email: 'alice@harbour.example',
        'user_attributes.country': 'DE',
      }),
    });
  });

  test('accepts the certificate included', async () => {
    const xml = await assertion({ user_name: 'alice' }, { includeSigningCertificateInSAMLAssertion: true });
    expect(await receive(xml)).toMatchObject({ nameID: 'alice' });
  });

  test.each(['Łódź 港 🚢', `&<>"'`, ']]>', 'alice<!-- x -->@evil', '</saml2:NameID><saml2:NameID>admin', 'a\rb\tc'])(
    'reads the user id %j as it was',
    async (user) => {
      expect(await receive(await assertion({ user_name: user }))).toMatchObject({ nameID: user });
    },
  );

  test('refuses a changed one', async () => {
    const xml = await assertion({ user_name: 'alice' });
    await expect(receive(xml.replace('>alice<', '>admin<'))).rejects.toThrow(/signature/i);
  });

  test('refuses it for another audience, by another key, too late and too early', async () => {
    const xml = await assertion({ user_name: 'alice' });
    await expect(receive(xml, { audience: 'www.other.example' })).rejects.toThrow(/audience/i);
    await expect(receive(xml, { certificateOf: 'other' })).rejects.toThrow(/signature/i);
    const minutes = 60_000;
    const late = await assertion({ user_name: 'alice' }, {}, Date.now() - 11 * minutes);
    await expect(receive(late)).rejects.toThrow(/expired/i);
    const early = await assertion({ user_name: 'alice' }, {}, Date.now() + 6 * minutes);
    await expect(receive(early)).rejects.toThrow(/not yet valid/i);
  });
});
