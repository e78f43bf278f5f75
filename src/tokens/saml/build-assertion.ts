import type { SamlAssertionProfile } from '../../destinations/saml-profile.ts';
import { xmlAttribute, xmlText } from './xml-text.ts';

/** What one assertion says besides what is the same in all of its destination. */
export interface AssertionFacts {
  /** `_` and 128 random bits: targets refuse an ID they have seen (T-63). */
  readonly id: string;
  readonly sessionIndex: string;
  readonly issuer: string;
  readonly userId: string;
  readonly attributes: SamlAttributes;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Values by attribute name. */
export type SamlAttributes = Readonly<Record<string, readonly string[]>>;

/** Milliseconds: for clocks that differ, and for use at once (destination-service.md 3.1). */
const backdated = 300_000;
const lifetime = 600_000;

/**
 * Builds the assertion, unsigned, already in canonical form (Exclusive XML Canonicalization): namespace first, attributes
 * sorted, no empty-element tags, canonical escapes, no white space between elements.
 * @throws AppError ERR_CREDENTIAL when a value cannot stand in XML
 */
export function buildAssertion(profile: SamlAssertionProfile, facts: AssertionFacts): string {
  const { id, sessionIndex, issuer, userId, attributes, now } = facts;
  const end = instant(now + lifetime);
  const { format, qualifier } = profile.nameId;
  return element('Assertion', { ID: id, IssueInstant: instant(now), Version: '2.0' }, [
    element('Issuer', {}, [xmlText(issuer)]),
    element('Subject', {}, [
      element('NameID', { Format: format, NameQualifier: qualifier }, [xmlText(userId)]),
      element('SubjectConfirmation', { Method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer' }, [
        element('SubjectConfirmationData', { NotOnOrAfter: end, Recipient: profile.recipient }),
      ]),
    ]),
    element('Conditions', { NotBefore: instant(now - backdated), NotOnOrAfter: end }, [
      element('AudienceRestriction', {}, [element('Audience', {}, [xmlText(profile.audience)])]),
    ]),
    element('AuthnStatement', { AuthnInstant: instant(now), SessionIndex: sessionIndex }, [
      element('AuthnContext', {}, [element('AuthnContextClassRef', {}, [xmlText(profile.authnContextClassRef)])]),
    ]),
    attributeStatement(attributes),
  ]).replace('<saml2:Assertion', '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"');
}

/** Left out when empty: SAML core 2.7.3 wants at least one attribute in it. */
function attributeStatement(attributes: SamlAttributes): string {
  const named = Object.entries(attributes).map(([name, values]) =>
    element(
      'Attribute',
      { Name: name },
      values.map((value) => element('AttributeValue', {}, [xmlText(value)])),
    ),
  );
  return named.length === 0 ? '' : element('AttributeStatement', {}, named);
}

/** @param attributes in alphabetical order */
function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  content: string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${xmlAttribute(value)}"`,
  );
  return `<saml2:${name}${written.join('')}>${content.join('')}</saml2:${name}>`;
}

function instant(time: number): string {
  return new Date(time).toISOString();
}
