import type { AuditEvent } from './audit-event.ts';

/** One request in the log. Nothing else of it can get there: no query, no header, no body. */
export interface AccessLine {
  readonly id: string;
  readonly correlation_id: string;
  readonly trace_id: string | undefined;
  readonly span_id: string | undefined;
  readonly method: string;
  /** Without query, cut at 512 characters. */
  readonly path: string;
  /** `routes/3`, or the path of an own door. */
  readonly route: string | undefined;
  readonly destination: string | undefined;
  readonly status: number;
  /** Of the error answered. */
  readonly code: string | undefined;
  readonly duration_ms: number;
  readonly session_ms: number | undefined;
  /** Waiting for a credential; what was at hand took none. */
  readonly credential_ms: number | undefined;
  /** Getting the backend's CSRF token. */
  readonly csrf_ms: number | undefined;
  /** To the head of the backend's answer. */
  readonly backend_ms: number | undefined;
  readonly bytes_in: number | undefined;
  readonly bytes_out: number;
}

/** An audit event in the log (docs/observability.md). No session id: it would be as good as the cookie. */
export interface AuditLine {
  readonly audit: AuditEvent['event'];
  readonly provider: string | undefined;
  /** The user's `sub`; masked by asterisks unless PORTUNUS_AUDIT_CLEAR says otherwise. */
  readonly user: string | undefined;
  /** Stands for provider and user: the same in every line about them. */
  readonly user_hash: string | undefined;
  readonly by: string | undefined;
  readonly reason: string | undefined;
  readonly id: string | undefined;
  readonly correlation_id: string | undefined;
  readonly method: string | undefined;
  readonly route: string | undefined;
  /** Address of the connection's other end; masked as the user is. */
  readonly peer: string | undefined;
}
