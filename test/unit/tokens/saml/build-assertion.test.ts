import { describe, expect, test } from 'vitest';
import type { SamlAssertionProfile } from '../../../../src/destinations/saml-profile.ts';
import { type AssertionFacts, buildAssertion } from '../../../../src/tokens/saml/build-assertion.ts';

const profile = {
  audience: 'www.successfactors.com',
  recipient: 'https://api.example/oauth/token',
  authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession',
  nameId: {
    format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    qualifier: undefined,
    systemUser: undefined,
    source: ['user_name'],
  },
} as unknown as SamlAssertionProfile;

const facts: AssertionFacts = {
  id: '_0123',
  issuer: 'ship',
  sessionIndex: 'session',
  userId: 'alice',
  attributes: { api_key: ['KEY'] },
  now: Date.parse('2024-05-01T12:00:00.000Z'),
};

describe('an assertion', () => {
  test('says what destination-service.md 3.1 asks for, and is valid for ten minutes (T-63)', () => {
    expect(buildAssertion(profile, facts)).toBe(
      [
        '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_0123" IssueInstant="2024-05-01T12:00:00.000Z" Version="2.0">',
        '<saml2:Issuer>ship</saml2:Issuer>',
        '<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">alice</saml2:NameID>',
        '<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">',
        '<saml2:SubjectConfirmationData NotOnOrAfter="2024-05-01T12:10:00.000Z" Recipient="https://api.example/oauth/token"></saml2:SubjectConfirmationData>',
        '</saml2:SubjectConfirmation></saml2:Subject>',
        '<saml2:Conditions NotBefore="2024-05-01T11:55:00.000Z" NotOnOrAfter="2024-05-01T12:10:00.000Z">',
        '<saml2:AudienceRestriction><saml2:Audience>www.successfactors.com</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>',
        '<saml2:AuthnStatement AuthnInstant="2024-05-01T12:00:00.000Z" SessionIndex="session"><saml2:AuthnContext>',
        '<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession</saml2:AuthnContextClassRef>',
        '</saml2:AuthnContext></saml2:AuthnStatement>',
        '<saml2:AttributeStatement><saml2:Attribute Name="api_key"><saml2:AttributeValue>KEY</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement>',
        '</saml2:Assertion>',
      ].join(''),
    );
  });

  test('names the qualifier when there is one', () => {
    const nameId = { ...profile.nameId, qualifier: 'www.successfactors.com' };
    expect(buildAssertion({ ...profile, nameId }, facts)).toContain(' NameQualifier="www.successfactors.com">alice<');
  });

  test('has several values in one attribute, and no statement without attributes', () => {
    const values = buildAssertion(profile, { ...facts, attributes: { Groups: ['a', 'b'] } });
    expect(values).toContain(
      '<saml2:Attribute Name="Groups"><saml2:AttributeValue>a</saml2:AttributeValue><saml2:AttributeValue>b</saml2:AttributeValue></saml2:Attribute>',
    );
    expect(buildAssertion(profile, { ...facts, attributes: {} })).not.toContain('AttributeStatement');
  });

  test('cannot be rewritten by a user id that is XML', () => {
    const userId = '</saml2:NameID><saml2:NameID>admin<!--$&-->';
    const xml = buildAssertion(profile, { ...facts, userId });
    expect(xml.match(/<saml2:NameID/g)).toHaveLength(1);
    expect(xml).toContain('&lt;/saml2:NameID&gt;&lt;saml2:NameID&gt;admin&lt;!--$&amp;--&gt;');
  });
});
