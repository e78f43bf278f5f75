import type { DestinationOptions } from '../../config/destination-options.ts';
import type { KeyStores } from '../../config/key-store.ts';
import { AppError } from '../../errors/app-error.ts';
import { type ConfigError, Problems } from '../../errors/config-error.ts';
import type { Destination } from '../destination.ts';
import type { DestinationContext } from '../destination-context.ts';
import { parseDestination, parseServed } from '../parse-destination.ts';
import type { HandsOver, Served } from '../served.ts';
import { isTenantName } from '../tenant-name.ts';
import type { Tenant } from './tenant.ts';

/** What making a destination of an answer needs. */
export interface Making {
  /** The name that was asked for. */
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly options: DestinationOptions;
  readonly tenant: Tenant | undefined;
  /** Of that tenant, or of the provider, where it is known. */
  readonly subdomain: string | undefined;
  /** Who gets the tokens: PORTUNUS_DESTINATION_TOKENS. */
  readonly tokens: 'service' | 'own';
  /** Stands in fingerprints for the service, the tenant and the way it was asked. */
  readonly origin: string;
  readonly keyStores: KeyStores;
  readonly env: (name: string) => string | undefined;
  readonly login?: DestinationContext['login'];
  readonly retrieve: Served['retrieve'];
  readonly warn: (message: string) => void;
}

/** What nobody needs a token service for, or what only callers of the API bring something for: always done here. */
const local = new Set([
  'NoAuthentication',
  'BasicAuthentication',
  'ClientCertificateAuthentication',
  'OAuth2AuthorizationCode',
  'OAuth2RefreshToken',
]);

/** Properties that only we understand: the service could not do what they ask for (design section 3). */
const ourExtensions = ['clientAssertion.KeyStoreLocation', 'userToken.destinationName', 'tokenServiceURL.tenant'];

/** A destination, or all that is wrong with it as the answer for who wants it (502). */
export type Made =
  | { readonly kind: 'destination'; readonly destination: Destination }
  | { readonly kind: 'unusable'; readonly error: AppError };

/**
 * Makes a destination of what the service said, whose tokens are got here or there.
 * @throws AppError ERR_DESTINATION_SERVICE when the service cannot be asked for a key store
 */
export async function makeDestination(making: Making): Promise<Made> {
  const { name, origin, keyStores, env, login, retrieve, warn, options } = making;
  const properties: Readonly<Record<string, unknown>> = { ...making.properties, Name: name };
  const problems = new Problems();
  const context = {
    file: 'the Destination service',
    path: name,
    env,
    login,
    origin,
    keyStores,
    now: Date.now(),
    problems,
  };
  const type = typeOf(properties);
  const destination =
    local.has(type) || (options.chain === undefined && isOurs(making, type))
      ? await parseDestination(withTenant(properties, type, making), context)
      : await parseServed(properties, context, { type, handsOver: handsOver(type, properties, options), retrieve });
  try {
    problems.throwIfAny();
  } catch (cause) {
    return { kind: 'unusable', error: unusable(name, cause as ConfigError) };
  }
  for (const { path, message } of problems.warnings) warn(`destination ${path} of the Destination service: ${message}`);
  return { kind: 'destination', destination: destination as Destination };
}

function typeOf(properties: Readonly<Record<string, unknown>>): string {
  const { Authentication: type, User: user, Password: password } = properties;
  if (typeof type === 'string' && type.trim() !== '') return type.trim();
  return user && password ? 'BasicAuthentication' : 'NoAuthentication';
}

/** Whether the flow is run here. A SAML assertion without a key store is signed with the subaccount's key, which stays there. */
function isOurs({ properties, tokens }: Making, type: string): boolean {
  if (properties['SAMLAssertionProvider'] === 'ClientProvided') return true;
  if (/SAML/.test(type) && !properties['KeyStoreLocation']) return false;
  return tokens === 'own' || ourExtensions.some((name) => Boolean(properties[name]));
}

/**
 * A client's token is of the tenant that the destination was asked for, and so is that of a user whose token names none
 * (destination-service.md 2.4). The provider's own may be configured to be of another one.
 */
function withTenant(
  properties: Readonly<Record<string, unknown>>,
  type: string,
  { tenant, subdomain }: Pick<Making, 'tenant' | 'subdomain'>,
) {
  if (!isCommon(properties) || subdomain === undefined || !isTenantName(subdomain)) return properties;
  const client = type === 'OAuth2ClientCredentials' || type === 'OAuth2Password';
  const isFixed = Boolean(properties['tokenServiceURL.tenant']) && !(client && tenant !== undefined);
  return isFixed ? properties : { ...properties, 'tokenServiceURL.tenant': subdomain };
}

/** Types for which the service wants to be told the tenant, and of no other (destination-service.md 4.2). */
const ofClients = ['OAuth2ClientCredentials', 'OAuth2TechnicalUserPropagation'];

/** Whether the service must be told for which tenant it is to get the token. */
export function isAskedForTenant(properties: Readonly<Record<string, unknown>>): boolean {
  return isCommon(properties) && ofClients.includes(typeOf(properties));
}

/** Whether the token service has an address for each tenant. */
function isCommon(properties: Readonly<Record<string, unknown>>): boolean {
  return String(properties['tokenServiceURLType']).trim().toLowerCase() === 'common';
}

/** What the service must know of the user (destination-service.md 2.5, 3.6). */
function handsOver(
  type: string,
  properties: Readonly<Record<string, unknown>>,
  { chain }: DestinationOptions,
): HandsOver {
  if (chain?.name === 'com.sap.sequentialUserPropagation') return 'chain user token';
  if (chain?.name === 'com.sap.iasGeneratedOAuth2SamlBearerAssertion') return 'chain subject token';
  switch (type) {
    case 'OAuth2ClientCredentials':
    case 'OAuth2Password':
    case 'OAuth2TechnicalUserPropagation':
      return 'nothing';
    case 'OAuth2TokenExchange':
      return 'subject token';
    default:
      return /SAML/.test(type) && properties['SystemUser'] ? 'nothing' : 'user token';
  }
}

function unusable(name: string, { problems }: ConfigError): AppError {
  const told = problems.map(({ path, message }) => `${path.slice(name.length + 1) || 'it'} ${message}`).join('; ');
  return new AppError({
    code: 'ERR_DESTINATION_SERVICE',
    status: 502,
    detail: `Destination ${name} of the Destination service cannot be used: ${told}.`,
    hint: 'Mend it in the cockpit, or hide it with one of that name in destinations.json.',
    members: { destination: name },
  });
}
