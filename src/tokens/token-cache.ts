import { AppError } from '../errors/app-error.ts';
import type { Issued } from './credential.ts';
import { OwnedMap } from './owned-map.ts';
import { retryAfterOf, withRetryAfter } from './retry-after.ts';

/** Credentials that were asked for, until shortly before they age out. */
export interface TokenCache {
  /** What is kept under a key, unless it is due. */
  get(key: string): Issued | undefined;
  /** The refresh token that came with what is or was kept under a key. */
  refreshTokenOf(key: string): string | undefined;
  /**
   * Loads a credential and keeps it under `key`. Whoever asks for the same `flight` meanwhile shares the one request,
   * and its failure; so does who asks shortly after, or before the time the service named.
   * @param owner whose credential it is; none: a technical user's
   * @throws what `load` throws
   */
  load(key: string, flight: string, load: () => Promise<Issued>, owner?: string): Promise<Issued>;
  /** Forgets all of an owner; what is being loaded for him will not be kept. */
  forget(owner: string): void;
  readonly size: number;
}

export interface TokenCacheSettings {
  /** Credentials kept at most; those not used for long go first. */
  readonly capacity: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Milliseconds: the longest margin, and the longest a service is left alone (as MSAL, token-flows.md A11). */
const maxMargin = 300_000;
const maxPause = 3_600_000;

/** Milliseconds that a refresh token may lie unused beyond the life of what it came with; then one is asked for anew. */
const refreshLife = 86_400_000;

/**
 * Milliseconds that a refusal stands for those who ask the same. Long enough that a page with thirty requests is one
 * question, short enough that who mends something and tries again does not meet it.
 */
const refusalLife = 2_000;

/**
 * Milliseconds before its end that a credential is forgotten. Five minutes cover clock skew and the slowest request, as
 * in SAP's own libraries (token-flows.md C9); a tenth of the life, where that is less, so that a token of one minute
 * (IAS allows it, C6) is still used for 54 seconds and not asked for each time.
 */
function marginOf(life: number): number {
  return Math.min(maxMargin, life / 10);
}

interface Entry {
  readonly issued: Issued;
  readonly due: number;
}

interface Refused {
  readonly until: number;
  readonly error: AppError;
}

export function createTokenCache({ capacity, now }: TokenCacheSettings): TokenCache {
  const entries = new OwnedMap<Entry>(
    capacity,
    ({ issued, due }) => due + (issued.answer?.refreshToken === undefined ? 0 : refreshLife) <= now(),
  );
  /** As many as are under way. */
  const flights = new OwnedMap<Promise<Issued>>(Number.POSITIVE_INFINITY, () => false);
  /** By key where the service said when to come back, else by flight: another demand may be met. */
  const refusals = new OwnedMap<Refused>(capacity, ({ until }) => until <= now());

  const keep = (key: string, issued: Issued, owner: string | undefined) => {
    const { expiresAt = Number.POSITIVE_INFINITY } = issued;
    const time = now();
    const due = expiresAt - marginOf(expiresAt - time);
    if (due > time || issued.answer?.refreshToken !== undefined) entries.set(key, { issued, due }, owner);
    else entries.delete(key);
  };

  const remember = (key: string, flight: string, error: unknown, owner: string | undefined) => {
    if (!(error instanceof AppError)) return;
    const pause = Math.min(retryAfterOf(error) * 1000, maxPause);
    if (pause === 0 && !isVerdict(error)) return;
    refusals.set(pause > 0 ? key : flight, { until: now() + (pause || refusalLife), error }, owner);
  };

  const refusalOf = (name: string): AppError | undefined => {
    const refused = refusals.get(name);
    if (refused === undefined) return undefined;
    const left = refused.until - now();
    if (left > 0) return withRetryAfter(refused.error, left);
    refusals.delete(name);
    return undefined;
  };

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.due > now()) return entry.issued;
      if (entry.issued.answer?.refreshToken === undefined) entries.delete(key);
      return undefined;
    },

    refreshTokenOf: (key) => entries.peek(key)?.issued.answer?.refreshToken,

    load(key, flight, load, owner) {
      const underWay = flights.get(flight);
      if (underWay !== undefined) return underWay;
      const refusal = refusalOf(key) ?? refusalOf(flight);
      if (refusal !== undefined) return Promise.reject(refusal);
      const result = load().then(
        (issued) => {
          // Gone from the list: forgotten meanwhile, as by a logout.
          if (flights.get(flight) === result) keep(key, issued, owner);
          return issued;
        },
        (error: unknown) => {
          if (flights.get(flight) === result) remember(key, flight, error, owner);
          throw error;
        },
      );
      flights.set(flight, result, owner);
      const land = () => {
        if (flights.get(flight) === result) flights.delete(flight);
      };
      result.then(land, land);
      return result;
    },

    forget(owner) {
      entries.forget(owner);
      refusals.forget(owner);
      flights.forget(owner);
    },

    get size() {
      return entries.size;
    },
  };
}

/** The service has understood and said no; one that is down or out of order may be better at once. */
function isVerdict({ members }: AppError): boolean {
  const status = Number(members['tokenServiceStatus']);
  // The Destination service tells of a refusal with 200 (destination-service.md 0 #3).
  return (status >= 400 && status < 500) || members['serviceStatus'] === 200;
}
