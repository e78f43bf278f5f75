import type { Arrival } from './arrival.ts';

/** The request that ends a session, as far as backends hear of it. */
export interface LogoutRequest {
  readonly arrival: Arrival;
  /** The user's own headers, name, value, name, value…; none where the identity provider asked for the logout. */
  readonly rawHeaders: readonly string[];
  /** The user's Cookie header without our own cookies. */
  readonly cookie: string | undefined;
}

/** A logout that is not asked for by the user's own request: its headers are nobody's that backends know. */
export function logoutByOthers(arrival: Arrival): LogoutRequest {
  return { arrival, rawHeaders: [], cookie: undefined };
}
