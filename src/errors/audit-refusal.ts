import type { IncomingHttpHeaders } from 'node:http';
import { type AuditEvent, auditedUser } from '../observe/audit-event.ts';
import type { AppError } from './app-error.ts';

/** What of a request says why it was refused. */
export interface RefusedRequest {
  readonly headers: IncomingHttpHeaders;
  /** Who asked, once that was known; undefined: refused before. */
  readonly principal?:
    | { readonly kind: 'anonymous' }
    | { readonly kind: 'user'; readonly provider: string; readonly claims: Readonly<Record<string, unknown>> }
    | undefined;
}

/** The audit event that an answered error is, if it is one: all refusals pass through the place that answers errors. */
export function auditRefusal(error: AppError, { headers, principal }: RefusedRequest): AuditEvent | undefined {
  const user = principal?.kind === 'user' ? auditedUser(principal) : undefined;
  const refused = (reason: Extract<AuditEvent, { event: 'refused' }>['reason']) =>
    ({ event: 'refused', user, reason }) as const;
  switch (error.code) {
    case 'ERR_CSRF':
      return refused('csrf');
    case 'ERR_FORBIDDEN':
      return refused(principal === undefined ? 'policy' : user === undefined ? 'login' : 'scope');
    case 'ERR_LOGIN_REQUIRED':
    case 'ERR_LOGIN_FAILED':
      if (headers['x-approuter-authorization'] !== undefined) return refused('caller-token');
      if (error.code === 'ERR_LOGIN_REQUIRED') return undefined;
      return { event: 'login-failed', provider: undefined, reason: error.detail ?? error.code };
    default:
      return undefined;
  }
}
