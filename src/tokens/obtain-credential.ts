import type { Principal, User } from '../authorization/principal.ts';
import type { Authentication, Destination, DestinationOf } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import { actingUser } from './acting-user.ts';
import { atTenant } from './at-tenant.ts';
import { cacheCapacity } from './cache-capacity.ts';
import { decodeClaims } from './claims-challenge.ts';
import { clientAssertionOf, type Issue } from './client-assertion-of.ts';
import { guardClients } from './client-guard.ts';
import type { Credential, Issued } from './credential.ts';
import type { AskingFlow, Flow } from './flow.ts';
import { type FlowInput, noInput } from './flow-input.ts';
import { flowTable } from './flow-table.ts';
import { type Find, lineageOf } from './lineage.ts';
import { OwnedMap } from './owned-map.ts';
import { type RequestToken, requestToken } from './request-token.ts';
import { createTokenCache, type TokenCache } from './token-cache.ts';
import { tokenKey } from './token-key.ts';

/** Stage 6: what the upstream of a destination will be shown. */
export interface Tokens {
  /**
   * A value when it is at hand, a promise when it must be asked for: no tick is lost on the way most requests go.
   * @throws AppError ERR_LOGIN_REQUIRED (401) when the destination needs a user and there is none, ERR_TOKEN_SERVICE
   * (502, 401, 403), ERR_CREDENTIAL (502); thrown at once or as a rejection
   */
  obtain(destination: Destination, principal: Principal, options?: ObtainOptions): Credential | Promise<Credential>;
  /** The same with what the token service said, for who hands it on (the Destination service's `authTokens`). */
  issue(destination: Destination, principal: Principal, options?: ObtainOptions): Issued | Promise<Issued>;
  /**
   * A credential was refused by the upstream, and the request cannot be sent again: the next who wants it gets another.
   * Nothing is asked for now.
   */
  doubt(destination: Destination, principal: Principal, doubt: Doubt): void;
  /** Whether a credential refused by the upstream can be asked for anew; what is only shown would be the same again. */
  isRenewable(destination: Destination): boolean;
  /** Whether a credential is got with the caller's own token or in their name; else everybody gets the same. */
  actsForUser(destination: Destination): boolean;
  /** Forgets everything obtained with a user token: at logout, and when the token has been refreshed. */
  forget(tokenHash: string): void;
}

/** Why another credential than the cached one is wanted, and what the caller brings. The new one takes the place of the cached one. */
export interface ObtainOptions {
  /** The upstream refused the cached one. */
  readonly fresh?: boolean;
  /** The upstream's claims challenge, as in its header (base64) or decoded (JSON); implies `fresh`. */
  readonly claims?: string | undefined;
  /** The credential that was refused: when a newer one has come meanwhile, that one is given and none asked for. */
  readonly rejected?: Credential | undefined;
  /** What a caller of the Destination service's API hands in. */
  readonly input?: FlowInput;
  /** The destination of a name, where the same name means different ones to different callers. Default: as configured. */
  readonly find?: Find;
}

/** What was refused, and what the upstream wants instead. */
export type Doubt = Required<Pick<ObtainOptions, 'rejected' | 'claims'>>;

/** Doubts kept at most. */
const maxDoubts = 1_000;

export interface TokensSettings {
  /** Credentials kept at most. Default: as the heap allows. */
  readonly capacity?: number;
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number;
  /** Default: over HTTP. */
  readonly requestToken?: RequestToken;
  /** The destination of a name, for those that need another one's token. Default: there is none. */
  readonly find?: Find;
  /** One that is in use already, as by a configuration before this one. Default: a new one. */
  readonly cache?: TokenCache;
}

/** Makes stage 6, with one cache for all flows. */
export function createTokens(settings: TokensSettings = {}): Tokens {
  const { capacity = cacheCapacity(), now = Date.now, requestToken: send = requestToken } = settings;
  const { find: configured = () => undefined } = settings;
  const { cache = createTokenCache({ capacity, now }) } = settings;
  const request = guardClients(now, send);
  /** By the credential's key, until somebody wants it. */
  const doubts = new OwnedMap<Doubt>(maxDoubts, () => false);

  function issue(destination: Destination, principal: Principal, given: ObtainOptions = {}): Issued | Promise<Issued> {
    const flow = flowOf(destination);
    if (flow.kind === 'local') return { credential: flow.show(destination, principal), expiresAt: undefined };
    const { input = noInput, find = configured } = given;
    const user = flow.actsFor(destination, input) === 'user' ? requireUser(destination, principal) : undefined;
    const key = tokenKey(lineageOf(destination, input, find), user, input);
    const options = doubts.size === 0 ? given : withDoubt(key, given);
    if (flow.kind === 'once') return ask(flow, destination, user, key, options);
    const cached = cache.get(key);
    if (cached !== undefined && isGoodEnough(cached.credential, options)) return cached;
    // Different demands are different requests, even for one key (T-40).
    const flight = `${key} ${isFresh(options)} ${claimsOf(options) ?? ''}`;
    return cache.load(key, flight, () => ask(flow, destination, user, key, options), user?.tokenHash);
  }

  function withDoubt(key: string, given: ObtainOptions): ObtainOptions {
    const doubt = doubts.get(key);
    if (doubt === undefined) return given;
    doubts.delete(key);
    return isFresh(given) ? given : { ...given, ...doubt };
  }

  async function ask(
    flow: AskingFlow<Destination>,
    destination: Destination,
    user: User | undefined,
    key: string,
    options: ObtainOptions,
  ): Promise<Issued> {
    const { input = noInput, find = configured } = options;
    const issueOther: Issue = (other, principal) => issue(other, principal, { find });
    const fresh = isFresh(options);
    const refreshToken = fresh ? undefined : cache.refreshTokenOf(key);
    const acting = user && (await actingUser(destination, user, input, find, issueOther));
    const caller = { user: acting, input, fresh, claims: claimsOf(options), refreshToken, now: now() };
    return flow.obtain(atTenant(destination, acting, input), caller, async (inquiry) => {
      if (inquiry.bearer !== undefined) return request(inquiry);
      const clientAssertion = await clientAssertionOf(destination, input, find, issueOther);
      return request({ ...inquiry, isHandedIn: input.clientAssertion !== undefined, clientAssertion });
    });
  }

  return {
    obtain(destination, principal, options) {
      const issued = issue(destination, principal, options);
      return issued instanceof Promise ? issued.then(({ credential }) => credential) : issued.credential;
    },
    issue,
    doubt(destination, principal, doubt) {
      const flow = flowOf(destination);
      if (flow.kind !== 'token') return;
      const user = flow.actsFor(destination, noInput) === 'user' ? requireUser(destination, principal) : undefined;
      doubts.set(tokenKey(lineageOf(destination, noInput, configured), user, noInput), doubt, user?.tokenHash);
    },
    isRenewable: (destination) => flowOf(destination).kind === 'token',
    actsForUser(destination) {
      const flow = flowOf(destination);
      return flow.kind !== 'local' && flow.actsFor(destination, noInput) === 'user';
    },
    forget(tokenHash) {
      cache.forget(tokenHash);
      doubts.forget(tokenHash);
    },
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

function isFresh({ fresh, claims, rejected }: ObtainOptions): boolean {
  return fresh === true || claims !== undefined || rejected !== undefined;
}

function claimsOf({ claims }: ObtainOptions): string | undefined {
  return claims === undefined ? undefined : decodeClaims(claims);
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
