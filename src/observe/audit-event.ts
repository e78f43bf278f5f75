/** What an auditor asks for: who came in, who left, who was turned away. Stable: fields are added, never renamed. */
export type AuditEvent =
  | { readonly event: 'login'; readonly user: AuditedUser; readonly by: 'redirect' | 'basic' }
  | { readonly event: 'login-failed'; readonly provider: string | undefined; readonly reason: string }
  | { readonly event: 'logout'; readonly user: AuditedUser; readonly by: LogoutCause }
  | { readonly event: 'refused'; readonly user: AuditedUser | undefined; readonly reason: RefusalReason }
  | { readonly event: 'renewal-failed'; readonly user: AuditedUser; readonly reason: string };

/** The user's page or script, the provider's back channel, or time. */
export type LogoutCause = 'user' | 'provider' | 'expiry';

/**
 * `policy`: CORS, the origin of an upgrade, plain http. `login`: an upgrade without a session. `caller-token`:
 * x-approuter-authorization.
 */
export type RefusalReason = 'scope' | 'csrf' | 'login' | 'caller-token' | 'policy';

/** The request it happened with; undefined where there is none, as when time ends a session. */
export interface AuditOrigin {
  readonly id: string;
  readonly correlationId: string;
  readonly method: string;
  /** Door or route, where one was found. */
  readonly route: string | undefined;
  readonly peer: string;
}

/** Who, as the provider names them. */
export interface AuditedUser {
  readonly provider: string;
  /** Claim `sub`. */
  readonly subject: string;
}

/** @param claims of a verified token */
export function auditedUser(user: {
  readonly provider: string;
  readonly claims: Readonly<Record<string, unknown>>;
}): AuditedUser {
  const { sub } = user.claims;
  return { provider: user.provider, subject: typeof sub === 'string' ? sub : '' };
}
