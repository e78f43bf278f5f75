import type { Claims } from '../../authorization/principal.ts';
import type { KeyPair } from '../../config/key-store.ts';
import { nameIdOf } from '../../tokens/saml/name-id.ts';
import { attributesOf } from '../../tokens/saml/user-attributes.ts';
import type { SamlDestination } from './open-saml.ts';

/** One thing that an assertion or its request says, and why it says that. */
export interface Origin {
  readonly field: string;
  readonly value: string;
  /** E.g. `property audience`, `claim email (property userIdSource)`, `default`. */
  readonly from: string;
}

/** Where everything in an assertion comes from (destination-service.md 2.2, 3.1 to 3.3). */
export function originsOf(
  { destination, saml, says }: SamlDestination,
  claims: Claims | undefined,
  keyPair: KeyPair,
): readonly Origin[] {
  const { nameId, successFactors } = saml;
  const property = (name: string, otherwise: string) => (says(name) ? `property ${name}` : otherwise);
  const store = says('KeyStoreLocation') ? `property KeyStoreLocation, ${keyPair.location}` : 'the default trust';
  const source = nameId.source.join('.');
  const way = property('userIdSource', property('nameIdFormat', 'default'));
  const isOwn = claims?.[nameId.source[0] ?? ''] === undefined && nameId.source.length === 1;
  const rows: readonly (readonly [string, string | undefined, string])[] = [
    ['signed by', keyPair.commonName, store],
    [
      'certificate included',
      saml.includeSigningCertificate ? 'yes' : 'no',
      property('includeSigningCertificateInSAMLAssertion', 'default'),
    ],
    [
      'Issuer',
      saml.issuer ?? keyPair.commonName,
      property('assertionIssuer', 'common name of the signing certificate'),
    ],
    [
      'NameID',
      nameIdOf(nameId, claims, destination.name),
      nameId.systemUser === undefined
        ? `claim ${isOwn ? `xs.user.attributes.${source}` : source} (${way})`
        : 'property SystemUser',
    ],
    ['NameID Format', nameId.format, property('nameIdFormat', 'default')],
    ['NameQualifier', nameId.qualifier, 'property nameQualifier'],
    ['Recipient', saml.recipient, property('assertionRecipient', 'tokenServiceURL')],
    ['Audience', saml.audience, 'property audience'],
    ['NotBefore', '5 minutes ago', 'default'],
    ['NotOnOrAfter', 'in 10 minutes', 'default'],
    ['AuthnContextClassRef', saml.authnContextClassRef, property('authnContextClassRef', 'default')],
    ...Object.entries(attributesOf(saml, claims)).map(
      ([name, values]) =>
        [`attribute ${name}`, values.join(', '), attributeFrom({ destination, saml, says }, name)] as const,
    ),
    ['encoding', saml.encoding, property('samlAssertionEncoding', 'default')],
    [
      'form client_id',
      'tokenService' in destination ? destination.tokenService.clientId : undefined,
      'property clientKey',
    ],
    ['form company_id', successFactors?.companyId, 'property companyId'],
  ];
  const body = 'tokenService' in destination ? destination.tokenService.body : {};
  const overridden = new Set(Object.keys(body).map((field) => `form ${field}`));
  return [
    ...rows.flatMap(([field, value, from]) =>
      value === undefined || overridden.has(field) ? [] : [{ field, value, from }],
    ),
    // Their values may be secrets.
    ...Object.keys(body).map((field) => ({
      field: `form ${field}`,
      value: '(as configured)',
      from: `property tokenService.body.${field}`,
    })),
  ];
}

function attributeFrom({ saml, says }: SamlDestination, name: string): string {
  if (Object.hasOwn(saml.attributes, name)) return `property samlAttributes.${name}`;
  const known: Readonly<Record<string, string>> = {
    api_key: says('apiKey') ? 'property apiKey' : 'property clientKey',
    use_email: 'the NameID is an e-mail address (property nameIdFormat)',
    client_id: 'property clientKey',
    Groups: 'claim xs.saml.groups',
    user_uuid: 'claim user_uuid (skipUserUuidInSAMLAttributes leaves it out)',
  };
  const own = saml.skipUserAttributesPrefix ? name : name.replace(/^user_attributes\./, '');
  const personal = ['user_id', 'user_name', 'email', 'given_name', 'family_name'].includes(name);
  return known[name] ?? (personal ? `claim ${name}` : `claim xs.user.attributes.${own}`);
}
