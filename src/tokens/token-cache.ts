import { AppError } from '../errors/app-error.ts';
import type { Credential, Issued } from './credential.ts';

/** Credentials that were asked for, until shortly before they age out. */
export interface TokenCache {
  /** The credential under a key, unless it is due. */
  get(key: string): Credential | undefined;
  /**
   * Loads a credential and keeps it under `key`. Whoever asks for the same `flight` meanwhile shares the one request,
   * and its failure; a failure is not kept, except where the service says how long to stay away.
   * @throws what `load` throws
   */
  load(key: string, flight: string, load: () => Promise<Issued>): Promise<Credential>;
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
 * Milliseconds before its end that a credential is forgotten. Five minutes cover clock skew and the slowest request, as
 * in SAP's own libraries (token-flows.md C9); a tenth of the life, where that is less, so that a token of one minute
 * (IAS allows it, C6) is still used for 54 seconds and not asked for each time.
 */
function marginOf(life: number): number {
  return Math.min(maxMargin, life / 10);
}

interface Entry {
  readonly credential: Credential;
  readonly due: number;
}

export function createTokenCache({ capacity, now }: TokenCacheSettings): TokenCache {
  /** In order of use: a Map keeps the order of insertion. */
  const entries = new Map<string, Entry>();
  const flights = new Map<string, { readonly key: string; readonly result: Promise<Credential> }>();
  const pauses = new Map<string, { readonly until: number; readonly error: AppError }>();

  const keep = (key: string, { credential, expiresAt = Number.POSITIVE_INFINITY }: Issued) => {
    const time = now();
    const due = expiresAt - marginOf(expiresAt - time);
    entries.delete(key);
    if (due > time) entries.set(key, { credential, due });
    trim(entries, capacity);
  };

  const pause = (key: string, error: unknown) => {
    const seconds = error instanceof AppError ? Number(error.headers['retry-after'] ?? 0) : 0;
    if (!(error instanceof AppError) || seconds <= 0) return;
    pauses.set(key, { until: now() + Math.min(seconds * 1000, maxPause), error });
    trim(pauses, capacity);
  };

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (entry.due <= now()) return undefined;
      entries.set(key, entry);
      return entry.credential;
    },

    load(key, flight, load) {
      const underWay = flights.get(flight);
      if (underWay !== undefined) return underWay.result;
      const paused = pauses.get(key);
      if (paused !== undefined && paused.until > now()) return Promise.reject(paused.error);
      pauses.delete(key);
      const result = load().then(
        (issued) => {
          // Gone from the list: forgotten meanwhile, as by a logout.
          if (flights.get(flight)?.result === result) keep(key, issued);
          return issued.credential;
        },
        (error: unknown) => {
          pause(key, error);
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
      for (const key of pauses.keys()) if (matches(key)) pauses.delete(key);
      for (const [flight, { key }] of flights) if (matches(key)) flights.delete(flight);
    },

    get size() {
      return entries.size;
    },
  };
}

function trim(map: Map<string, unknown>, capacity: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(oldest);
  }
}
