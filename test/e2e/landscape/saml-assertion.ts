import { randomUUID } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import type { RsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';

export interface AssertionParts {
  readonly version: string;
  readonly issuer: string;
  readonly nameId: string;
  readonly format: string;
  readonly recipient: string;
  readonly audience: string;
  readonly method: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notOnOrAfter: number;
  readonly attributes: Readonly<Record<string, string>>;
}

const formats = 'urn:oasis:names:tc:SAML:1.1:nameid-format';
export const emailFormat = `${formats}:emailAddress`;

/** An unsigned assertion that token-flows.md E2 would accept once signed; `change` wins. */
export function assertionXml({ successFactors }: Landscape, change: Partial<AssertionParts> = {}): string {
  const now = Date.now();
  const parts: AssertionParts = {
    version: '2.0',
    issuer: 'portunus.example.com',
    nameId: '103214',
    format: `${formats}:unspecified`,
    recipient: successFactors.tokenUrl,
    audience: successFactors.audience,
    method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
    notBefore: now - 60_000,
    notOnOrAfter: now + 600_000,
    attributes: { api_key: successFactors.apiKey },
    ...change,
  };
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  const attributes = Object.entries(parts.attributes).map(
    ([name, value]) =>
      `<saml2:Attribute Name="${name}"><saml2:AttributeValue>${value}</saml2:AttributeValue></saml2:Attribute>`,
  );
  return (
    `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${randomUUID()}" IssueInstant="${time(now)}" Version="${parts.version}">` +
    `<saml2:Issuer>${parts.issuer}</saml2:Issuer>` +
    `<saml2:Subject><saml2:NameID Format="${parts.format}">${parts.nameId}</saml2:NameID>` +
    `<saml2:SubjectConfirmation Method="${parts.method}">` +
    `<saml2:SubjectConfirmationData NotOnOrAfter="${time(parts.notOnOrAfter)}" Recipient="${parts.recipient}"/>` +
    '</saml2:SubjectConfirmation></saml2:Subject>' +
    `<saml2:Conditions NotBefore="${time(parts.notBefore)}" NotOnOrAfter="${time(parts.notOnOrAfter)}">` +
    `<saml2:AudienceRestriction><saml2:Audience>${parts.audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>` +
    `<saml2:AuthnStatement AuthnInstant="${time(now)}"><saml2:AuthnContext><saml2:AuthnContextClassRef>` +
    'urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>' +
    (attributes.length > 0 ? `<saml2:AttributeStatement>${attributes.join('')}</saml2:AttributeStatement>` : '') +
    '</saml2:Assertion>'
  );
}

export interface Signing {
  readonly keys?: RsaKeyPair;
  readonly certificate?: string;
  readonly signature?: string;
  readonly digest?: string;
  readonly canonicalization?: string;
  /** What the reference covers; default: the root. */
  readonly xpath?: string;
  readonly emptyUri?: boolean;
}

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** Signs the root as the first element after Issuer, with the registered key unless told otherwise. */
export function signAssertion(xml: string, { successFactors }: Landscape, signing: Signing = {}): string {
  const canonicalization = signing.canonicalization ?? exclusive;
  const signer = new SignedXml({
    privateKey: (signing.keys ?? successFactors.signing.keys).privatePem,
    signatureAlgorithm: signing.signature ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: canonicalization,
    ...(signing.certificate ? { publicCert: signing.certificate } : {}),
  });
  signer.addReference({
    xpath: signing.xpath ?? '/*',
    digestAlgorithm: signing.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', canonicalization],
    ...(signing.emptyUri ? { uri: '', isEmptyUri: true } : {}),
  });
  const location = { reference: "/*/*[local-name(.)='Issuer']", action: 'after' as const };
  signer.computeSignature(xml, { location, prefix: 'ds' });
  return signer.getSignedXml();
}

/** Signed and encoded: what goes into `assertion`. */
export function assertion(landscape: Landscape, change: Partial<AssertionParts> = {}, signing: Signing = {}): string {
  return Buffer.from(signAssertion(assertionXml(landscape, change), landscape, signing)).toString('base64');
}
