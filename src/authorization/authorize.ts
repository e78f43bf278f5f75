import type { Access, Match } from '../routing/route.ts';
import { sameSecret } from '../session/same-secret.ts';
import { allows } from './allows.ts';
import type { Principal } from './principal.ts';

declare const admitted: unique symbol;

/** May this caller use this route? "Needs login" is an outcome, not an error. */
export type Verdict = Admitted | NeedsLogin | Refused;

/** Only `authorize` makes one: whatever asks for an Admitted cannot be reached around the checks. */
export interface Admitted extends Match {
  readonly kind: 'admitted';
  readonly principal: Principal;
  readonly [admitted]: true;
}

export interface NeedsLogin {
  readonly kind: 'needs-login';
  /** Where nobody chooses. */
  readonly provider: string;
  /** Names of the providers whose logins count. */
  readonly accepts: readonly string[];
  readonly by: 'redirect' | 'basic';
  readonly identityProvider: string | undefined;
}

export interface Refused {
  readonly kind: 'refused';
  readonly reason: 'scope' | 'csrf';
}

/** What of the caller's request and session the decision needs. */
export interface Caller {
  readonly principal: Principal;
  readonly method: string;
  /** The request's x-csrf-token. */
  readonly presentedCsrfToken: string | undefined;
  /** The session's; undefined when none was fetched yet. */
  readonly csrfToken: string | undefined;
  /** Proved itself by a token in a header: no browser does that on its own. */
  readonly csrfExempt: boolean;
}

/** Pure. Order: login, then scope, then CSRF (xs-app.md 6.1: an anonymous POST is 401, not 403). */
export function authorize(match: Match, caller: Caller): Verdict {
  const { access } = match.route;
  if (access.kind === 'public') return admit(match, caller.principal);
  const { principal } = caller;
  if (principal.kind === 'anonymous' || !access.accepts.includes(principal.provider)) {
    const { provider, accepts, by, identityProvider } = access;
    return { kind: 'needs-login', provider, accepts, by, identityProvider };
  }
  if (!allows(access.scopes, caller.method, principal.scopes)) return { kind: 'refused', reason: 'scope' };
  if (
    !caller.csrfExempt &&
    isProtected(access, caller.method) &&
    !sameSecret(caller.presentedCsrfToken, caller.csrfToken)
  )
    return { kind: 'refused', reason: 'csrf' };
  return admit(match, principal);
}

function admit(match: Match, principal: Principal): Admitted {
  return { kind: 'admitted', route: match.route, groups: match.groups, principal } as Admitted;
}

/** xs-app.md section 7: everything but GET and HEAD, OPTIONS included. */
function isProtected(access: Access, method: string): boolean {
  return access.kind === 'login' && access.csrf && method !== 'GET' && method !== 'HEAD';
}
