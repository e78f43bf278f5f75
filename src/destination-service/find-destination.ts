import type { User } from '../authorization/principal.ts';
import { certificatesOf } from './certificates-of.ts';
import type { FindRequest } from './find-request.ts';
import type { Flat } from './flat.ts';
import { type Gathered, gather } from './gather.ts';
import type { Identity } from './identity.ts';
import { obtainTokenEntry, type TokenSources } from './obtain-token-entry.ts';
import type { Level } from './shelf.ts';

/** What Find answers (destination-service.md 4.3, 4.5). */
export interface FoundDestination {
  /** What does not change from one call to the next: the ETag is made of it. */
  readonly stable: Readonly<Record<string, unknown>>;
  /** With tokens. */
  readonly whole: Readonly<Record<string, unknown>>;
}

export interface FindOptions extends TokenSources {
  readonly identity: Identity;
  readonly env: (name: string) => string | undefined;
}

/** Removed on demand (4.2). */
const credentials = [
  'Password',
  'clientSecret',
  'tokenServicePassword',
  'KeyStorePassword',
  'tokenService.KeyStorePassword',
  'TrustStorePassword',
  'clientAssertion.KeyStorePassword',
];

/**
 * Finds a destination with everything a client needs to call it.
 * @param at one level (v2); undefined: v1
 * @param caller the user that the Authorization header stands for, if any
 * @throws AppError 404, 400
 */
export async function findDestination(
  options: FindOptions,
  name: string,
  at: Level | undefined,
  request: FindRequest,
  caller: User | undefined,
): Promise<FoundDestination> {
  const { store, env, identity } = options;
  const gathered = await gather(store, name, at, request);
  const { level } = gathered;
  const destination = expand(gathered.destination, env);
  const certificates = await certificatesOf(store, level, destination, request.skipTokenRetrieval);
  const metadata =
    at !== undefined && request.includeOwner ? { $metadata: ownersOf(gathered, certificates, identity) } : {};
  const shown = request.skipCredentials ? without(destination, credentials) : destination;
  const stable = {
    ...(at === undefined ? { owner: ownerOf(level, identity) } : {}),
    destinationConfiguration: { ...shown, ...metadata },
    ...(certificates.length > 0 ? { certificates } : {}),
  };
  if (request.skipTokenRetrieval) return { stable, whole: stable };
  const entry = await obtainTokenEntry(options, gathered, request, caller);
  // Without a token the key must not be there at all: clients look into its first element (4.3).
  return { stable, whole: entry === undefined ? stable : { ...stable, authTokens: [entry] } };
}

/** Both keys, always (4.3). */
export function ownerOf(level: Level, { subaccountId, instanceId }: Identity) {
  return { SubaccountId: subaccountId, InstanceId: level === 'instance' ? instanceId : null };
}

function ownersOf(
  { level, destination, fragments }: Gathered,
  certificates: readonly Readonly<Record<string, unknown>>[],
  identity: Identity,
) {
  return {
    owner: {
      destinations: [{ Name: destination['Name'], ...ownerOf(level, identity) }],
      certificates: certificates.map(({ Name }) => ({ Name, ...ownerOf(level, identity) })),
      fragments: fragments.map((one) => ({ FragmentName: one.name, ...ownerOf(one.level, identity) })),
    },
  };
}

/** A client wants values, not names of variables; one that is not set stays as it is written. */
function expand(destination: Flat, env: (name: string) => string | undefined): Flat {
  const expanded = Object.entries(destination).map(([key, value]): [string, string] => [
    key,
    value.replace(/\$\{env:([^}]*)\}/g, (whole, variable: string) => env(variable) ?? whole),
  ]);
  return Object.freeze(Object.fromEntries(expanded));
}

function without(destination: Flat, names: readonly string[]): Flat {
  return Object.freeze(Object.fromEntries(Object.entries(destination).filter(([key]) => !names.includes(key))));
}
