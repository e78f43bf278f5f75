import type { Login } from '../session/session-data.ts';

/**
 * When a user's token is renewed by the next request, in milliseconds since the epoch: some minutes before its end; one
 * that lives shorter than the margin at half its life, not at every request.
 * @param minutesBefore JWT_REFRESH; 0: never
 */
export function renewalDue({ expiresAt, obtainedAt }: Pick<Login, 'expiresAt' | 'obtainedAt'>, minutesBefore: number) {
  if (minutesBefore === 0) return expiresAt;
  return expiresAt - Math.min(minutesBefore * 60_000, (expiresAt - obtainedAt) / 2);
}
