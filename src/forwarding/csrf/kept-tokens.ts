import type { KeptCookie } from '../../session/session-data.ts';

/** A backend's CSRF token and what it belongs to. */
export interface KeptToken {
  readonly token: string;
  /** Cookies that came with it and are in no jar. */
  readonly own: readonly KeptCookie[];
  /** Cookies of the jar that it was issued to: with others it is no good. */
  readonly bound: readonly KeptCookie[];
  /** The client's Cookie header it was issued to, where the backend's session is the client's own affair. */
  readonly client: string | undefined;
}

/** Backends' tokens of those who are here, for some minutes. */
export interface KeptTokens {
  /**
   * @param maxAge milliseconds
   * @returns with `since`, milliseconds of the clock when it was kept
   */
  get(owner: string, key: string, maxAge?: number): (KeptToken & { readonly since: number }) | undefined;
  put(owner: string, key: string, kept: KeptToken): void;
  /** Forgets one that was refused, unless another has taken its place. */
  refuse(owner: string, key: string, token: string): void;
  /** Forgets all of an owner. */
  forget(owner: string): void;
  readonly size: number;
}

/**
 * Milliseconds. Shorter than the half hour after which an ABAP system ends a session that is not used
 * (http/security_session_timeout), by far shorter than the day of its tokens without sessions.
 */
const life = 600_000;
/** Owners at most, and tokens of one; the oldest go. */
const mostOwners = 5_000;
const mostOfOne = 20;
/** Characters of one and its own cookies; what is larger is used once. */
const longest = 8_192;
const sweepInterval = 60_000;

type Entry = KeptToken & { readonly since: number };

/** @param now milliseconds of a clock that only goes forward */
export function createKeptTokens(now: () => number = () => performance.now()): KeptTokens {
  const owners = new Map<string, Map<string, Entry>>();
  let sweptAt = now();

  const sweep = () => {
    if (now() - sweptAt < sweepInterval) return;
    sweptAt = now();
    for (const [owner, entries] of owners) {
      for (const [key, { since }] of entries) if (sweptAt - since >= life) entries.delete(key);
      if (entries.size === 0) owners.delete(owner);
    }
  };

  return {
    get(owner, key, maxAge = life) {
      const entry = owners.get(owner)?.get(key);
      return entry !== undefined && now() - entry.since < Math.min(life, maxAge) ? entry : undefined;
    },
    put(owner, key, kept) {
      sweep();
      if (JSON.stringify([kept.token, kept.own]).length > longest) return;
      const entries = owners.get(owner) ?? new Map<string, Entry>();
      entries.delete(key);
      entries.set(key, { ...kept, since: now() });
      trim(entries, mostOfOne);
      owners.delete(owner);
      owners.set(owner, entries);
      trim(owners, mostOwners);
    },
    refuse(owner, key, token) {
      const entries = owners.get(owner);
      if (entries?.get(key)?.token === token) entries.delete(key);
    },
    forget: (owner) => void owners.delete(owner),
    get size() {
      return [...owners.values()].reduce((sum, { size }) => sum + size, 0);
    },
  };
}

function trim(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
