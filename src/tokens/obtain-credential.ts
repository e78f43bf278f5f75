import type { Principal, User } from '../authorization/principal.ts';
import type { Authentication, Destination, DestinationOf } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import { decodeClaims } from './claims-challenge.ts';
import type { Credential } from './credential.ts';
import type { Flow, TokenFlow } from './flow.ts';
import { flowTable } from './flow-table.ts';
import { type RequestToken, requestToken } from './request-token.ts';
import { createTokenCache } from './token-cache.ts';

/** Stage 6: what the upstream of a destination will be shown. */
export interface Tokens {
  /**
   * A value when it is at hand, a promise when it must be asked for: no tick is lost on the way most requests go.
   * @throws AppError ERR_LOGIN_REQUIRED (401) when the destination needs a user and there is none, ERR_TOKEN_SERVICE
   * (502, 401, 403), ERR_CREDENTIAL (502); thrown at once or as a rejection
   */
  obtain(destination: Destination, principal: Principal, options?: ObtainOptions): Credential | Promise<Credential>;
  /** Whether a credential refused by the upstream can be asked for anew; what is only shown would be the same again. */
  isRenewable(destination: Destination): boolean;
  /** Forgets everything obtained with a user token: at logout, and when the token has been refreshed. */
  forget(tokenHash: string): void;
}

/** Why another credential than the cached one is wanted. The new one takes the place of the cached one. */
export interface ObtainOptions {
  /** The upstream refused the cached one. */
  readonly fresh?: boolean;
  /** The upstream's claims challenge, as in its header (base64) or decoded (JSON); implies `fresh`. */
  readonly claims?: string | undefined;
  /** The credential that was refused: when a newer one has come meanwhile, that one is given and none asked for. */
  readonly rejected?: Credential | undefined;
}

export interface TokensSettings {
  /** Credentials kept at most. Default: 10,000. */
  readonly capacity?: number;
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number;
  /** Default: over HTTP. */
  readonly requestToken?: RequestToken;
}

/** Makes stage 6, with one cache for all flows. */
export function createTokens(settings: TokensSettings = {}): Tokens {
  const { capacity = 10_000, now = Date.now, requestToken: request = requestToken } = settings;
  const cache = createTokenCache({ capacity, now });

  function obtain(destination: Destination, principal: Principal, options?: ObtainOptions) {
    const flow = flowOf(destination);
    if (flow.kind === 'local') return flow.show(destination, principal);
    const user = flow.actsFor(destination) === 'user' ? requireUser(destination, principal) : undefined;
    const key = user === undefined ? destination.fingerprint : `${destination.fingerprint} ${user.tokenHash}`;
    const cached = cache.get(key);
    if (cached !== undefined && (options === undefined || isGoodEnough(cached, options))) return cached;
    return ask(flow, destination, user, key, options ?? {});
  }

  function ask(
    flow: TokenFlow<Destination>,
    destination: Destination,
    user: User | undefined,
    key: string,
    options: ObtainOptions,
  ) {
    const claims = options.claims === undefined ? undefined : decodeClaims(options.claims);
    const fresh = options.fresh === true || options.claims !== undefined || options.rejected !== undefined;
    // Different demands are different requests, even for one key (T-40).
    const flight = `${key} ${fresh} ${claims ?? ''}`;
    return cache.load(key, flight, () => flow.obtain(destination, { user, fresh, claims, now: now() }, request));
  }

  return {
    obtain,
    isRenewable: (destination) => flowOf(destination).kind === 'token',
    forget: (tokenHash) => cache.forget((key) => key.endsWith(` ${tokenHash}`)),
  };
}

/** Everything that goes into a token request is in the key: the destination's fingerprint, and the user's token. */
function isGoodEnough(cached: Credential, { fresh, claims, rejected }: ObtainOptions): boolean {
  if (rejected !== undefined) return !isSame(cached, rejected);
  return fresh !== true && claims === undefined;
}

function isSame(one: Credential, other: Credential): boolean {
  return one === other || (one.kind === 'header' && other.kind === 'header' && one.value === other.value);
}

/** The table's row for this destination. The compiler checked each row against its own variant. */
function flowOf(destination: Destination): Flow<Destination> {
  const table: { readonly [A in Authentication]: Flow<DestinationOf<A>> } = flowTable;
  return table[destination.authentication] as Flow<Destination>;
}

function requireUser(destination: Destination, principal: Principal): User {
  if (principal.kind === 'user') return principal;
  throw new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    detail: `Destination ${destination.name} is called in the name of a user, and nobody is logged in.`,
    hint: 'Log in first; the route must require authentication.',
    members: { destination: destination.name },
  });
}
