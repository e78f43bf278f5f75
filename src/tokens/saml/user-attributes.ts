import type { Claims } from '../../authorization/principal.ts';
import type { SamlAssertionProfile } from '../../destinations/saml-profile.ts';
import type { SamlAttributes } from './build-assertion.ts';

/** Root claims that a target creating its user from the assertion can use (destination-service.md 3.3). */
const personal = ['user_id', 'user_name', 'email', 'given_name', 'family_name'];

/**
 * The attributes of an assertion. SuccessFactors gets what it asks for and nothing personal; `user_uuid` goes along by
 * design, and makes a person-only token there unless skipped (section 8 #1). Others get the user's attributes, and
 * `client_id`, which ABAP compares with the form's.
 * @param claims undefined when the assertion is about a fixed user
 */
export function attributesOf(saml: SamlAssertionProfile, claims: Claims = {}): SamlAttributes {
  const userUuid = saml.skipUserUuid ? undefined : claims['user_uuid'];
  if (saml.successFactors) {
    return textual({
      api_key: saml.successFactors.apiKey,
      use_email: saml.successFactors.useEmail && !saml.attributes['use_username'] ? 'true' : undefined,
      user_uuid: userUuid,
      ...saml.attributes,
    });
  }
  const prefix = saml.skipUserAttributesPrefix ? '' : 'user_attributes.';
  return textual({
    ...Object.fromEntries(entriesOf(claims['xs.user.attributes']).map(([name, value]) => [prefix + name, value])),
    ...Object.fromEntries(personal.map((name) => [name, claims[name]])),
    Groups: [claims['xs.system.attributes'], claims['user_attributes']].flatMap((holder) =>
      entriesOf(holder).flatMap(([name, value]) => (name === 'xs.saml.groups' ? value : [])),
    ),
    client_id: saml.clientKey,
    user_uuid: userUuid,
    ...saml.attributes,
  });
}

/** Keeps texts and lists of texts; everything else has no form as an attribute. */
function textual(candidates: Readonly<Record<string, unknown>>): SamlAttributes {
  const attributes: Record<string, readonly string[]> = Object.create(null);
  for (const [name, value] of Object.entries(candidates)) {
    const texts = [value].flat().filter((item): item is string => typeof item === 'string' && item !== '');
    if (texts.length > 0) attributes[name] = texts;
  }
  return attributes;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
