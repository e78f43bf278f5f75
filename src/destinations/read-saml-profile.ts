import { parseClaimPath } from './claim-path.ts';
import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { readDefaultTrust, readKeyPair, requireRsa } from './read-key-pair.ts';
import type {
  NameIdProfile,
  SamlAssertionProfile,
  SamlEncoding,
  SigningKey,
  SuccessFactorsProfile,
} from './saml-profile.ts';

const formatPrefix = 'urn:oasis:names:tc:SAML:1.1:nameid-format:';
const emailAddressFormat = `${formatPrefix}emailAddress`;
const unspecifiedFormat = `${formatPrefix}unspecified`;

/** Where the types that send an assertion differ (destination-service.md 2.2, 3.1). */
export interface SamlDefaults {
  /** The token URL, where there is one. */
  readonly recipient: string | undefined;
  readonly clientKey: string | undefined;
  /** The first is the default. */
  readonly encodings: readonly [SamlEncoding, SamlEncoding];
}

/** Reads what goes into the SAML assertion (destination-service.md 2.2, 2.7, section 3). */
export async function readSamlProfile(
  p: Properties,
  context: DestinationContext,
  { recipient, clientKey, encodings }: SamlDefaults,
): Promise<SamlAssertionProfile | undefined> {
  const signingKey = await readSigningKey(p, context);
  const issuer = p.text('assertionIssuer');
  if (signingKey && issuer === undefined && signingKey.latest().commonName === '')
    p.problem('assertionIssuer', 'is missing, and the certificate has no common name to use');
  const nameId = readNameId(p);
  const profile = {
    issuer,
    audience: p.required('audience', 'give the name of the receiver, e.g. www.successfactors.com'),
    recipient: p.text('assertionRecipient') ?? recipient,
    authnContextClassRef: p.text('authnContextClassRef') ?? 'urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession',
    nameId,
    encoding: p.oneOf('samlAssertionEncoding', encodings),
    includeSigningCertificate: p.flag('includeSigningCertificateInSAMLAssertion', false),
    skipUserUuid: p.flag('skipUserUuidInSAMLAttributes', false),
    skipUserAttributesPrefix: p.flag('skipUserAttributesPrefixInSAMLAttributes', false),
    clientKey,
    attributes: p.family('samlAttributes.'),
    successFactors: readSuccessFactors(p, nameId, clientKey),
  };
  return signingKey && { signingKey, ...profile };
}

async function readSigningKey(p: Properties, context: DestinationContext): Promise<SigningKey | undefined> {
  const names = { location: 'KeyStoreLocation', password: 'KeyStorePassword' };
  const { defaultTrust } = context;
  const isOwn = p.text(names.location) !== undefined;
  const pair = isOwn
    ? await readKeyPair(p, names, context.keyStores, context.now)
    : await readDefaultTrust(p, names.location, context);
  if (pair === undefined) return undefined;
  requireRsa(p, names.location, pair);
  if (isOwn || defaultTrust === undefined) return { current: async () => pair, latest: () => pair };
  return { current: defaultTrust.active, latest: () => defaultTrust.latest() ?? pair };
}

/**
 * apiKey or companyId, or a company_id in the token URL or its request, says that the target is SuccessFactors, whose API key is
 * also the client's id (destination-service.md 2.7).
 */
function readSuccessFactors(
  p: Properties,
  { format }: NameIdProfile,
  clientKey: string | undefined,
): SuccessFactorsProfile | undefined {
  const apiKey = p.text('apiKey');
  const companyId = p.text('companyId');
  const inUrl =
    p.text('tokenServiceURL.queries.company_id') !== undefined ||
    (URL.parse(p.text('tokenServiceURL') ?? '')?.searchParams.has('company_id') ?? false);
  const inBody = p.text('tokenService.body.company_id') !== undefined;
  if (apiKey === undefined && companyId === undefined && !inUrl && !inBody) return undefined;
  if (inUrl && companyId !== undefined)
    p.warn('companyId', 'is not sent: tokenServiceURL has a company_id, and a parameter stands once (RFC 6749 3.2)');
  return {
    apiKey: apiKey ?? clientKey,
    companyId: inUrl ? undefined : companyId,
    useEmail: format === emailAddressFormat,
  };
}

/** destination-service.md 3.2: SystemUser, else userIdSource, else the claim that goes with the format. */
function readNameId(p: Properties): NameIdProfile {
  const format = p.text('nameIdFormat') ?? unspecifiedFormat;
  const systemUser = p.text('SystemUser');
  const userIdSource = p.text('userIdSource');
  const source = userIdSource === undefined ? claimOfFormat(format) : parseClaimPath(userIdSource);
  if (source === undefined && userIdSource !== undefined) {
    p.problem('userIdSource', 'must be the name of a claim, or a path such as $.ext_attr.mail');
  }
  if (source === undefined && userIdSource === undefined && systemUser === undefined) {
    const known = `${emailAddressFormat} (claim email) and ${unspecifiedFormat} (claim user_name)`;
    p.problem('nameIdFormat', `goes with no claim; known are ${known}; or name the claim in userIdSource`);
  }
  return { format, qualifier: p.text('nameQualifier'), systemUser, source: source ?? [] };
}

function claimOfFormat(format: string): readonly string[] | undefined {
  if (format === emailAddressFormat) return ['email'];
  return format === unspecifiedFormat ? ['user_name'] : undefined;
}
