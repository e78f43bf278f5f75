import type { Admitted } from '../authorization/authorize.ts';
import type { Destination } from '../destinations/destination.ts';
import type { KeptCookie } from '../session/session-data.ts';
import type { Credential } from '../tokens/credential.ts';
import type { Tie } from './tie-to-session.ts';

/** Whose tokens of the backend these are. */
export interface Brokering {
  /** A session, or a program that has none; undefined: nobody who could be known again, and nothing is kept. */
  readonly owner: string | undefined;
  /** Who that is at present: another login, or a session of the same id that was begun anew, is somebody else. */
  readonly as: string;
  /** Session cookies go into the caller's jar; false: a program has it, and few programs bring cookies back. */
  readonly fillsJar: boolean;
}

/** An admitted request on its last leg: where it goes and what it shows there. */
export interface Trip {
  readonly admitted: Admitted;
  readonly destination: Destination;
  /** Rewritten path and query, to be put behind the destination's URL. */
  readonly path: string;
  readonly credential: Credential;
  /**
   * A credential asked for anew, after the upstream refused this one, given its challenge (WWW-Authenticate); undefined
   * where that cannot help. What it throws is thrown on.
   */
  readonly renew: ((challenge: string | undefined) => Promise<Credential>) | undefined;
  /** The same where the request cannot be sent again: the next one is to get another credential. */
  readonly doubt: ((challenge: string | undefined) => void) | undefined;
  /** The client's Authorization was for us (PORTUNUS_BEARER_PATHS); the upstream must not see it. */
  readonly authorizationIsOurs: boolean;
  /** Cookie header of the client without our own cookies. */
  readonly clientCookie: string | undefined;
  readonly keptCookies: readonly KeptCookie[];
  /** Keeps session cookies that this destination set, and forgets those it ended. */
  readonly keep: (cookies: readonly KeptCookie[], ended: readonly KeptCookie[]) => Promise<void>;
  /** The router gets the backend's CSRF token for this request; undefined: it does not. */
  readonly brokering: Brokering | undefined;
  /** Ties a stream to the user's session. */
  readonly tie: Tie;
}
