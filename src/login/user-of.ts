import { createHash } from 'node:crypto';
import type { Claims, User } from '../authorization/principal.ts';
import { aheadBy, toleratedAtLogin } from './clock-difference.ts';

/** The principal that a verified token stands for. */
export function userOf(provider: string, token: string, claims: Claims, scopes: readonly string[]): User {
  return Object.freeze({
    kind: 'user',
    provider,
    claims: Object.freeze({ ...claims }),
    scopes: Object.freeze([...new Set(scopes)]),
    token,
    tokenHash: createHash('sha256').update(token).digest('base64url'),
  });
}

/** Words of a claim that is a space-separated text (RFC 8693 4.2) or an array of texts (XSUAA). */
export function wordsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
  return Array.isArray(claim) ? claim.filter((word): word is string => typeof word === 'string') : [];
}

/**
 * When a token that has just come ends by the clock here, in milliseconds since the epoch: its `exp`, else what the token
 * endpoint said, else in an hour. `exp` is by the provider's clock: where that is ahead, the end comes sooner; where it is behind,
 * later, but no more than is tolerated.
 * @param madeAt `iat` of a token that was made for this answer; undefined: the clocks are taken to agree
 */
export function endOf(claims: Claims, expiresIn: number | undefined, madeAt?: unknown, now = Date.now()): number {
  if (typeof claims['exp'] !== 'number') return now + (expiresIn ?? 3600) * 1000;
  return (claims['exp'] - Math.max(aheadBy(madeAt, now), -toleratedAtLogin)) * 1000;
}
