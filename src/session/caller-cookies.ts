import { readCookie } from './cookie-header.ts';
import { seal, unseal } from './seal.ts';
import type { KeptCookie } from './session-data.ts';

/** Carries the backends' session cookies of a program that calls without a session (xs-app.md section 9). */
export const callerCookie = 'ARBE';

/** Cookies by destination. */
export type Jars = Readonly<Record<string, readonly KeptCookie[]>>;

/** Backends' cookies sealed into a cookie of the caller's, which can neither read nor change them. */
export interface CallerCookies {
  /** What the caller brings back; nothing where it brings none, or somebody else's. */
  open(header: string | undefined, owner: string): Jars;
  /** @returns the cookie's value */
  seal(jars: Jars, owner: string): string;
}

/** @param keys 32 bytes each; the first seals, all open */
export function createCallerCookies([current, ...earlier]: readonly [Buffer, ...Buffer[]]): CallerCookies {
  const purpose = (owner: string) => `${callerCookie} ${owner}`;
  return {
    open(header, owner) {
      const sealed = readCookie(header, callerCookie);
      if (sealed === undefined) return {};
      const text = [current, ...earlier].map((key) => unseal(sealed, key, purpose(owner))).find((found) => found);
      return text === undefined ? {} : (JSON.parse(text) as Jars);
    },
    seal: (jars, owner) => seal(JSON.stringify(jars), current, purpose(owner)),
  };
}
