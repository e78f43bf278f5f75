import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { LandscapeUser } from '../users.ts';

/** What Graph knows of the tenant, and what tests can do to it. */
export interface GraphTenant {
  /** Service root, `http://localhost:PORT/v1.0`. */
  readonly root: string;
  readonly authorizationUrl: string;
  /** `aud` of the tokens it accepts: any of these. */
  readonly identifiers: readonly string[];
  /** `iss` of the tokens it accepts. */
  readonly issuer: string;
  readonly directoryKey: KeyObject;
  readonly clock: Clock;
  readonly users: readonly LandscapeUser[];
  readonly state: GraphState;
}

/** Changed by the hooks. */
export interface GraphState {
  /** By object id: tokens not issued at or after this time (seconds since 1970) are refused. */
  readonly revokedUntil: Map<string, number>;
  throttle: { remaining: number; readonly retryAfterSeconds: number };
}

export function makeGraphState(): GraphState {
  return { revokedUntil: new Map(), throttle: { remaining: 0, retryAfterSeconds: 1 } };
}
