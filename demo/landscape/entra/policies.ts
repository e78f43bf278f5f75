import type { LandscapeUser } from '../users.ts';
import { EntraError } from './errors.ts';
import { graphId, type Resource } from './resources.ts';

/** What a policy may look at: the request after everything else about it was found right. */
export interface PolicyQuestion {
  readonly grant: 'authorization_code' | 'refresh_token' | 'client_credentials' | 'on_behalf_of';
  readonly clientId: string;
  /** undefined for app-only requests. */
  readonly user: LandscapeUser | undefined;
  /** Application id of the resource. */
  readonly resource: string;
  /** The `claims` parameter as sent: how a client answers a challenge. */
  readonly claims: string | undefined;
}

/** What a policy may decide. */
export type PolicyVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'consent-missing' }
  | { readonly kind: 'mfa-required'; readonly claims: string }
  | { readonly kind: 'mfa-enrollment-required'; readonly claims: string }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number };

export type Policy = (question: PolicyQuestion) => PolicyVerdict;

/** The tenant's consent as the users' data say it; Conditional Access asks for nothing. */
export const consentOfUsers: Policy = ({ user, resource, grant }) =>
  grant === 'on_behalf_of' && resource === graphId && user?.consentedToGraph === false
    ? { kind: 'consent-missing' }
    : { kind: 'allowed' };

/** Delegated permissions a user has granted the demo's client: a token carries all of them, whichever were asked for. */
export function grantedPermissions(resource: Resource): readonly string[] {
  return resource.id === graphId ? ['User.Read'] : resource.permissions;
}

/**
 * Applies a verdict. With a code or refresh token the same lack is called invalid_grant (token-flows.md A9, 50076).
 * @throws EntraError 65001, 50076, 50079, 53003, 90055 (429), 90033 (503)
 */
export function enforce(verdict: PolicyVerdict, grant: PolicyQuestion['grant']): void {
  const refusal = refusalFor(verdict, grant === 'authorization_code' || grant === 'refresh_token');
  if (refusal) throw refusal;
}

function refusalFor(verdict: PolicyVerdict, signInGrant: boolean): EntraError | undefined {
  const error = signInGrant ? { error: 'invalid_grant' } : {};
  switch (verdict.kind) {
    case 'allowed':
      return undefined;
    case 'consent-missing':
      return new EntraError(65001);
    case 'mfa-required':
      return new EntraError(50076, { claims: verdict.claims, ...error });
    case 'mfa-enrollment-required':
      return new EntraError(50079, { claims: verdict.claims, ...error });
    case 'blocked':
      return new EntraError(53003, error);
    case 'throttled':
      return new EntraError(90055, { retryAfterSeconds: verdict.retryAfterSeconds });
    case 'unavailable':
      return new EntraError(90033, { retryAfterSeconds: verdict.retryAfterSeconds });
  }
}
