import type { Claims } from '../authorization/principal.ts';
import { aheadBy, clocksDiffer } from './clock-difference.ts';
import { notOurs } from './login-failed.ts';

/**
 * A token that has ended when it comes makes no session: the browser would be sent to log in again, for ever.
 * @param expiresAt its end by the clock here, in milliseconds since the epoch
 * @param madeAt `iat` of a token that was made for this answer
 * @throws AppError 502 where the clocks are the reason, 401 where the token ended before it began
 */
export function requireLife({ iat, exp }: Claims, expiresAt: number, madeAt: unknown, now = Date.now()): void {
  if (typeof iat === 'number' && typeof exp === 'number' && exp <= iat) throw notOurs();
  if (expiresAt > now) return;
  const seconds = aheadBy(madeAt, now);
  throw seconds === 0 ? notOurs() : clocksDiffer(seconds);
}
