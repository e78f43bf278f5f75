import type { JWTPayload } from 'jose';
import { AppError } from '../errors/app-error.ts';

/**
 * Seconds that the clocks of a provider and of this machine may differ where the provider itself has just given us a token: it
 * is as good as its signature, and only its times look odd. (What others show us is judged more strictly.)
 */
export const toleratedAtLogin = 300;

/** Seconds; less than this is the way over the network, and whole seconds of JWTs. */
const notable = 10;

/**
 * How far a provider's clock is ahead of ours, in seconds; 0 where it makes no difference.
 * @param madeAt `iat` of a token that was made for this very answer
 * @param now milliseconds since the epoch
 */
export function aheadBy(madeAt: unknown, now: number): number {
  if (typeof madeAt !== 'number') return 0;
  const seconds = Math.round(madeAt - now / 1000);
  return Math.abs(seconds) < notable ? 0 : seconds;
}

/** The failure of a login whose tokens are good, and of another time: nobody's to mend but those who set the clocks. */
export function clocksDiffer(seconds: number, cause?: unknown): AppError {
  const told = `${Math.abs(seconds)} s ${seconds > 0 ? 'behind' : 'ahead of'}`;
  return new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 502,
    detail: `The clock here is ${told} that of the identity provider: its tokens seem ${seconds > 0 ? 'not valid yet' : 'to have ended'}.`,
    hint: 'Set the clocks (NTP).',
    members: { clockDifference: seconds },
    cause,
  });
}

/**
 * The difference of clocks that explains why a token which has just come was refused for its times.
 * @returns seconds; undefined where clocks do not explain it
 */
export function clockFault(cause: unknown, now = Date.now()): number | undefined {
  for (let error = cause, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    const { claim, payload } = error as { claim?: unknown; payload?: JWTPayload };
    const { claims, claim: named } = (error.cause ?? {}) as { claims?: JWTPayload; claim?: unknown };
    if (!times.has(claim ?? named)) continue;
    const seconds = aheadBy((payload ?? claims)?.iat, now);
    if (Math.abs(seconds) > toleratedAtLogin) return seconds;
  }
  return undefined;
}

const times = new Set<unknown>(['exp', 'nbf', 'iat']);
