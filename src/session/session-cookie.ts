import { sign, unsign } from 'cookie-signature';
import { asIssued } from './as-issued.ts';
import { findCookie } from './cookie-header.ts';

/** Sessions whose cookie is remembered as proven, about 200 bytes each: nobody adds to them who has no session. */
const provenAtMost = 100_000;

/** Cookies of the session's name that are looked at: each costs the check of a signature. */
const namesakes = 5;

/** What the session's cookie says: an id that nobody else can have written. */
export interface SessionCookie {
  /**
   * The id that a Cookie header proves. Not simply of the first cookie of the name: another application of the domain may
   * have set one, which locks nobody out (T-32).
   */
  idIn(header: string | undefined): string | undefined;
  /** The cookie's value for an id. */
  valueOf(id: string): string;
  /** Lets go of what is remembered of a session that has ended. */
  forget(id: string): void;
}

/** @param secrets the first signs, all are accepted */
export function createSessionCookie(cookieName: string, secrets: readonly string[]): SessionCookie {
  /** Ids, and the cookie whose signature was right: checking it again costs more than all else that finds a session. */
  const proven = new Map<string, string>();
  const provenId = (raw: string): string | undefined => {
    const said = raw.slice(raw.startsWith('s%3A') ? 4 : 2, raw.indexOf('.'));
    if (proven.get(said) === raw) return said;
    const value = raw.startsWith('s%3A') ? asIssued(raw.slice(4)) : raw.startsWith('s:') ? raw.slice(2) : '';
    for (const secret of secrets) {
      const id = unsign(value, secret);
      if (id === false) continue;
      if (proven.size >= provenAtMost) proven.clear();
      proven.set(id, raw);
      return id;
    }
    return undefined;
  };
  return {
    idIn(header) {
      let looked = 0;
      return findCookie(header, cookieName, (raw) => (looked++ < namesakes ? provenId(raw) : undefined));
    },
    valueOf: (id) => `s:${sign(id, secrets[0] as string)}`,
    forget: (id) => void proven.delete(id),
  };
}
