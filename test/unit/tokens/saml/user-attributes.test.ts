import { describe, expect, test } from 'vitest';
import type { SamlAssertionProfile } from '../../../../src/destinations/saml-profile.ts';
import { attributesOf } from '../../../../src/tokens/saml/user-attributes.ts';

function attributes(saml: Partial<SamlAssertionProfile>, claims?: Record<string, unknown>) {
  return { ...attributesOf({ clientKey: 'KEY', attributes: {}, ...saml } as SamlAssertionProfile, claims) };
}

const claims = {
  user_uuid: 'uuid',
  user_name: 'alice',
  email: 'a@harbour.example',
  given_name: 'Alice',
  family_name: '',
  'xs.user.attributes': { country: ['DE', 'FR'], cost: [7] },
  'xs.system.attributes': { 'xs.saml.groups': ['crew'], other: ['x'] },
  sub: 'subject',
};

describe('SuccessFactors gets what it asks for and nothing personal', () => {
  const successFactors = { apiKey: 'KEY', companyId: 'ACME', useEmail: false };

  test('user_uuid goes along unless it is skipped', () => {
    expect(attributes({ successFactors }, claims)).toEqual({ api_key: ['KEY'], user_uuid: ['uuid'] });
    expect(attributes({ successFactors, skipUserUuid: true }, claims)).toEqual({ api_key: ['KEY'] });
  });

  test('an e-mail address as NameID is said to be one', () => {
    const profile = { successFactors: { ...successFactors, useEmail: true }, skipUserUuid: true };
    expect(attributes(profile, claims)).toEqual({ api_key: ['KEY'], use_email: ['true'] });
  });

  test('without an API key there is no api_key', () => {
    expect(attributes({ successFactors: { ...successFactors, apiKey: undefined } })).toEqual({});
  });
});

describe('fixed attributes of the destination (samlAttributes.*)', () => {
  test('go along, and stand in place of generated ones: use_username of SuccessFactors (token-flows.md E2)', () => {
    const successFactors = { apiKey: 'KEY', companyId: 'ACME', useEmail: true };
    const fixed = { use_username: 'true', external_user: 'false' };
    expect(attributes({ successFactors, attributes: fixed, skipUserUuid: true }, claims)).toEqual({
      api_key: ['KEY'],
      use_username: ['true'],
      external_user: ['false'],
    });
    expect(attributes({ attributes: { client_id: 'other' } }, {})).toEqual({ client_id: ['other'] });
  });
});

describe("others get the user's attributes", () => {
  test('with the prefix of the Destination service', () => {
    expect(attributes({}, claims)).toEqual({
      user_name: ['alice'],
      email: ['a@harbour.example'],
      given_name: ['Alice'],
      'user_attributes.country': ['DE', 'FR'],
      Groups: ['crew'],
      client_id: ['KEY'],
      user_uuid: ['uuid'],
    });
  });

  test('or without it', () => {
    const plain = attributes({ skipUserAttributesPrefix: true, skipUserUuid: true }, claims);
    expect(plain).toMatchObject({ country: ['DE', 'FR'] });
    expect(plain).not.toHaveProperty('user_uuid');
  });

  test("an attribute of the user's cannot pass for one of ours", () => {
    const forged = { 'xs.user.attributes': { client_id: ['evil'], email: ['evil@x'] }, email: 'a@harbour.example' };
    expect(attributes({ skipUserAttributesPrefix: true }, forged)).toEqual({
      client_id: ['KEY'],
      email: ['a@harbour.example'],
    });
  });

  test('for a fixed user there are none', () => {
    expect(attributes({})).toEqual({ client_id: ['KEY'] });
  });
});
