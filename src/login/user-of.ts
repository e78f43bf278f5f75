import { createHash } from 'node:crypto';
import type { Claims, User } from '../authorization/principal.ts';

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

/** When a token ends, in milliseconds since the epoch: its `exp`, else what the token endpoint said, else in an hour. */
export function endOf(claims: Claims, expiresIn: number | undefined, now = Date.now()): number {
  if (typeof claims['exp'] === 'number') return claims['exp'] * 1000;
  return now + (expiresIn ?? 3600) * 1000;
}
