import { AppError } from '../errors/app-error.ts';
import type { Issued } from './credential.ts';
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
   * @throws what `load` throws
   */
  load(key: string, flight: string, load: () => Promise<Issued>): Promise<Issued>;
  /** Forgets every key for which `matches` holds; what is being loaded for it will not be kept. */
  forget(matches: (key: string) => boolean): void;
  readonly size: number;
}

export interface TokenCacheSettings {
  /** Credentials kept at most; the one not used for longest goes first. */
  readonly capacity: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Milliseconds: the longest margin, and the longest a service is left alone (as MSAL, token-flows.md A11). */
const maxMargin = 300_000;
const maxPause = 3_600_000;

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
  /** In order of use: a Map keeps the order of insertion. */
  const entries = new Map<string, Entry>();
  /** The last of them: used again, it need not be moved. */
  let newest = '';
  const flights = new Map<string, { readonly key: string; readonly result: Promise<Issued> }>();
  /** By key where the service said when to come back, else by flight: another demand may be met. */
  const refusals = new Map<string, Refused>();

  const keep = (key: string, issued: Issued) => {
    const { expiresAt = Number.POSITIVE_INFINITY } = issued;
    const time = now();
    const due = expiresAt - marginOf(expiresAt - time);
    entries.delete(key);
    if (due > time || issued.answer?.refreshToken !== undefined) {
      entries.set(key, { issued, due });
      newest = key;
    }
    trim(entries, capacity);
  };

  const remember = (key: string, flight: string, error: unknown) => {
    if (!(error instanceof AppError)) return;
    const pause = Math.min(retryAfterOf(error) * 1000, maxPause);
    if (pause === 0 && !isVerdict(error)) return;
    refusals.set(pause > 0 ? key : flight, { until: now() + (pause || refusalLife), error });
    trim(refusals, capacity);
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
      const time = now();
      if (entry.due <= time) {
        if (entry.issued.answer?.refreshToken === undefined) entries.delete(key);
        return undefined;
      }
      if (key !== newest) {
        entries.delete(key);
        entries.set(key, entry);
        newest = key;
      }
      return entry.issued;
    },

    refreshTokenOf: (key) => entries.get(key)?.issued.answer?.refreshToken,

    load(key, flight, load) {
      const underWay = flights.get(flight);
      if (underWay !== undefined) return underWay.result;
      const refusal = refusalOf(key) ?? refusalOf(flight);
      if (refusal !== undefined) return Promise.reject(refusal);
      const result = load().then(
        (issued) => {
          // Gone from the list: forgotten meanwhile, as by a logout.
          if (flights.get(flight)?.result === result) keep(key, issued);
          return issued;
        },
        (error: unknown) => {
          if (flights.get(flight)?.result === result) remember(key, flight, error);
          throw error;
        },
      );
      flights.set(flight, { key, result });
      const land = () => {
        if (flights.get(flight)?.result === result) flights.delete(flight);
      };
      result.then(land, land);
      return result;
    },

    forget(matches) {
      for (const key of entries.keys()) if (matches(key)) entries.delete(key);
      for (const key of refusals.keys()) if (matches(key)) refusals.delete(key);
      for (const [flight, { key }] of flights) if (matches(key)) flights.delete(flight);
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

function trim(map: Map<string, unknown>, capacity: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(oldest);
  }
}
