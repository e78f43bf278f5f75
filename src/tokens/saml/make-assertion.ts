import { randomBytes, randomUUID } from 'node:crypto';
import type { Claims } from '../../authorization/principal.ts';
import type { SamlAssertionProfile } from '../../destinations/saml-profile.ts';
import { buildAssertion } from './build-assertion.ts';
import { nameIdOf } from './name-id.ts';
import { signAssertion } from './sign-assertion.ts';
import { attributesOf } from './user-attributes.ts';

/**
 * Makes a new signed assertion, encoded as the destination wants it: base64url without padding (RFC 7522 2.1) or base64.
 * @param destination its name, for messages
 * @param claims of the user, undefined when the destination has a fixed one
 * @param now milliseconds since the epoch
 * @throws AppError ERR_CREDENTIAL
 */
export async function makeAssertion(
  destination: string,
  saml: SamlAssertionProfile,
  claims: Claims | undefined,
  now: number,
): Promise<string> {
  const signed = await signedAssertion(destination, saml, claims, now);
  return Buffer.from(signed).toString(saml.encoding);
}

/** The same as XML. */
export async function signedAssertion(
  destination: string,
  saml: SamlAssertionProfile,
  claims: Claims | undefined,
  now: number,
): Promise<string> {
  const keyPair = await saml.signingKey.current();
  const xml = buildAssertion(saml, {
    id: `_${randomBytes(16).toString('hex')}`,
    sessionIndex: randomUUID(),
    issuer: saml.issuer ?? keyPair.commonName,
    userId: nameIdOf(saml.nameId, claims, destination),
    attributes: attributesOf(saml, claims),
    now,
  });
  return signAssertion(xml, keyPair, saml.includeSigningCertificate);
}
