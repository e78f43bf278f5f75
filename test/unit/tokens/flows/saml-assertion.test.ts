import { describe, expect, test } from 'vitest';
import { anonymous } from '../../../../src/authorization/principal.ts';
import type { AppError } from '../../../../src/errors/app-error.ts';
import type { Credential } from '../../../../src/tokens/credential.ts';
import { askedTokens } from '../support/asked.ts';
import { destinationOf } from '../support/destination-of.ts';
import { openKeyPairs } from '../support/key-pairs.ts';
import { userWith } from '../support/principal-of.ts';

const { keyStores } = openKeyPairs({ ship: {} });

const make = (more: object = {}) =>
  destinationOf(
    {
      Authentication: 'SAMLAssertion' as const,
      audience: 'https://s4.example',
      KeyStoreLocation: 'ship.p12',
      KeyStorePassword: 'x',
      ...more,
    },
    { keyStores },
  );
const alice = userWith('token-of-alice', { user_name: 'alice' });
const xmlOf = (credential: Credential) => {
  const [scheme, encoded = ''] = credential.kind === 'header' ? credential.value.split(' ') : [];
  return { scheme, xml: Buffer.from(encoded, 'base64').toString('utf8') };
};

describe('a SAML assertion is the credential itself', () => {
  test('in the header, with its own scheme, and no token service is asked', async () => {
    const { tokens, asked } = askedTokens();
    const { scheme, xml } = xmlOf(await tokens.obtain(await make(), alice));
    expect(scheme).toBe('SAML2.0');
    expect(xml).toMatch(/^<saml2:Assertion .*>alice<\/saml2:NameID>.*<\/saml2:Assertion>$/s);
    expect(xml).not.toContain('Recipient');
    expect(asked).toHaveLength(0);
  });

  test('is another one for each call: S/4HANA takes no ID twice (destination-service.md 8 #15)', async () => {
    const { tokens } = askedTokens();
    const destination = await make();
    const got = await Promise.all([1, 2, 3].map(() => tokens.obtain(destination, alice)));
    const ids = got.map((credential) => /ID="(_[0-9a-f]{32})"/.exec(xmlOf(credential).xml)?.[1]);
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain(undefined);
  });

  test('carries the attributes of the user, and client_id only where there is a clientKey', async () => {
    const { tokens } = askedTokens();
    const without = xmlOf(await tokens.obtain(await make(), alice)).xml;
    expect(without).toContain('Name="user_name"');
    expect(without).not.toContain('client_id');
    expect(xmlOf(await tokens.obtain(await make({ clientKey: 'KEY' }), alice)).xml).toContain('client_id');
  });

  test('needs a user, or a SystemUser', async () => {
    const { tokens } = askedTokens();
    const destination = await make();
    expect(() => tokens.obtain(destination, anonymous)).toThrow(
      expect.objectContaining({ code: 'ERR_LOGIN_REQUIRED' }) as AppError,
    );
    const robot = xmlOf(await tokens.obtain(await make({ SystemUser: 'robot' }), anonymous));
    expect(robot.xml).toContain('>robot</saml2:NameID>');
  });
});
