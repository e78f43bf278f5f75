import type { DestinationOptions } from '../../config/destination-options.ts';
import type { DestinationServiceBinding } from '../../config/destination-service-binding.ts';
import { AppError } from '../../errors/app-error.ts';
import type { Destination } from '../destination.ts';
import type { DestinationContext } from '../destination-context.ts';
import type { ServedAnswer } from '../served.ts';
import type { AskService } from './ask-service.ts';
import { serviceKeyStores } from './certificates.ts';
import { findCall } from './find-call.ts';
import { type Found, readFound } from './found.ts';
import { isAskedForTenant, type Made, makeDestination } from './make-destination.ts';
import type { ServiceAnswer } from './service-answer.ts';
import { refusalOf, serviceError, textOf } from './service-error.ts';
import type { Tenant } from './tenant.ts';

/** What the service said of a name. */
export type Known = (Made & { readonly etag: string | undefined }) | { readonly kind: 'absent' };

export interface LookUpSettings {
  readonly binding: DestinationServiceBinding;
  /** PORTUNUS_DESTINATION_OPTIONS. */
  readonly options: Readonly<Record<string, DestinationOptions>>;
  /** Who gets the tokens. */
  readonly tokens: 'service' | 'own';
  readonly env: (name: string) => string | undefined;
  readonly login?: DestinationContext['login'];
  readonly warn: (message: string) => void;
  readonly ask: AskService;
  /** Our own client at the service for a tenant. */
  readonly clientOf: (tenant: Tenant | undefined) => Promise<Destination>;
  /** The service does not know a destination any more. */
  readonly onGone: (name: string, tenant: Tenant | undefined) => void;
}

/** @throws AppError ERR_DESTINATION_SERVICE (502, 503) */
export type LookUp = (name: string, tenant: Tenant | undefined, last: Known | undefined) => Promise<Known>;

const noOptions: DestinationOptions = Object.freeze({});

/**
 * Asks the service what a destination is, without a token and so without any user; tokens are asked for apart, when they
 * are needed, with the user's token.
 */
export function createLookUp(settings: LookUpSettings): LookUp {
  const { binding, ask, clientOf, onGone, env, login, tokens, warn } = settings;

  const optionsOf = (name: string) =>
    Object.hasOwn(settings.options, name) ? (settings.options[name] ?? noOptions) : noOptions;

  const subdomainOf = (tenant: Tenant | undefined) => (tenant === undefined ? binding.identityZone : tenant.subdomain);

  const retrieve = async (
    name: string,
    tenant: Tenant | undefined,
    { properties }: Found,
    handed: Readonly<Record<string, string>>,
  ): Promise<ServedAnswer> => {
    const options = optionsOf(name);
    const { path, headers, chain } = findCall(options.name ?? name, options);
    // A user's token says the tenant itself, and both together are refused (destination-service.md 2.4).
    const subdomain = subdomainOf(tenant);
    const ofTenant =
      isAskedForTenant(properties) && Object.keys(handed).length === 0 && subdomain ? { 'x-tenant': subdomain } : {};
    const answer = await ask(await clientOf(tenant), path, { ...headers, ...chain, ...ofTenant, ...handed }, name);
    if (isAbsent(answer)) {
      onGone(name, tenant);
      throw new AppError({ code: 'ERR_DESTINATION_NOT_FOUND', status: 404 });
    }
    const { tokens: got = [] } = foundIn(answer, name, options.name ?? name);
    const none: ServedAnswer = { kind: 'refused', reason: 'The service gives no token and no reason.' };
    return got.find(({ kind }) => kind === 'token') ?? got[0] ?? none;
  };

  return async (name, tenant, last) => {
    const options = optionsOf(name);
    const client = await clientOf(tenant);
    const { path, headers } = findCall(options.name ?? name, options);
    const etag = last?.kind === 'destination' ? last.etag : undefined;
    const conditional = etag === undefined ? {} : { 'if-none-match': etag };
    const answer = await ask(client, `${path}?$skipTokenRetrieval=true`, { ...headers, ...conditional }, name);
    if (answer.status === 304 && last !== undefined) return last;
    if (isAbsent(answer)) return { kind: 'absent' };
    const found = foundIn(answer, name, options.name ?? name);
    const made = await makeDestination({
      name,
      properties: found.properties,
      options,
      tenant,
      subdomain: subdomainOf(tenant),
      tokens,
      origin: JSON.stringify([binding.uri.href, binding.clientId, tenant?.id, options]),
      keyStores: serviceKeyStores(found, (certificate) => ask(client, certificate, {}, name)),
      env,
      login,
      retrieve: (handed) => retrieve(name, tenant, found, handed),
      warn: (message) => last === undefined && warn(message),
    });
    // An ETag may say nothing of key stores, which the service renews by itself (destination-service.md section 5).
    const etagNow = namesKeyStores(found) ? undefined : answer.etag;
    // What has not changed stays the same object: connections hang on it.
    if (made.kind === 'destination' && last?.kind === 'destination')
      if (last.destination.fingerprint === made.destination.fingerprint) return { ...last, etag: etagNow };
    return { ...made, etag: etagNow };
  };
}

function namesKeyStores({ properties }: Found): boolean {
  return Object.keys(properties).some((name) => /(Key|Trust)StoreLocation$/.test(name));
}

/** The service's own 404 (destination-service.md 4.8); a missing fragment is another matter. */
function isAbsent(answer: ServiceAnswer): boolean {
  const text = textOf(answer);
  return answer.status === 404 && text !== '' && !/fragment/i.test(text);
}

/** @throws AppError when there is no destination in the answer, or another one than was asked for */
function foundIn(answer: ServiceAnswer, name: string, asked: string): Found {
  if (answer.status !== 200 || answer.body === undefined) throw refusalOf(name, answer);
  const found = readFound(answer);
  if (typeof found === 'string') throw garbage(name, found);
  const { Name: said } = found.properties;
  // A service that does not mind letter case may give the name as it is written there.
  if (typeof said === 'string' && said.toLowerCase() !== asked.toLowerCase())
    throw garbage(name, 'gives another destination than the one asked for');
  return found;
}

function garbage(name: string, why: string): AppError {
  return serviceError(name, { status: 502, why, hint: 'Check uri in the binding.' });
}
