import type { AdjustableClock } from './clock.ts';
import type { Policy } from './entra/policies.ts';
import type { LandscapeUser } from './users.ts';

/** What a test can do to a running landscape that no request can. */
export interface Hooks {
  /** Time of all services; the OpenID Provider's codes and sessions keep the machine's time. */
  readonly clock: AdjustableClock;
  readonly entra: {
    /** Consent, Conditional Access and throttling for every later token request; undefined: the users' own consent. */
    setPolicy(policy: Policy | undefined): void;
    /** Keeps back the answers to later codes and refresh tokens of a sign-in. @returns lets them go */
    holdTokens(): () => void;
    /** Ends every refresh token of a user (AADSTS50173). */
    revokeRefreshTokens(user: LandscapeUser): void;
    /** Registers URIs for the router's application while the directory runs. */
    registerRedirectUri(uri: string): void;
    registerPostLogoutRedirectUri(uri: string): void;
  };
  readonly graph: {
    /** Refuses the tokens the user has now: with a claims challenge where the client declared cp1 (token-flows.md A10). */
    revoke(user: LandscapeUser): void;
    /** Answers 429 to the next requests. */
    throttle(times: number, retryAfterSeconds: number): void;
  };
  readonly successFactors: {
    /** Refuses every token issued so far with LGN0022. */
    rejectIssuedTokens(): void;
    throttle(times: number, retryAfterSeconds: number): void;
  };
  readonly ias: {
    /** Unlocks every client. */
    unlock(): void;
  };
  /** Puts clock, policy, revocations, throttling and locks back as they were at the start. */
  reset(): void;
}
