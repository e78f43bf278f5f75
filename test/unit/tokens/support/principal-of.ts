import { createHash } from 'node:crypto';
import type { User } from '../../../../src/authorization/principal.ts';

/** A logged-in user whose token is some text; the hash is of that text, as at login. */
export function userWith(token: string, claims: Readonly<Record<string, unknown>> = {}): User {
  const tokenHash = createHash('sha256').update(token).digest('base64url');
  return { kind: 'user', provider: 'default', claims, scopes: [], token, tokenHash };
}
