import type { Credential, Issued } from './credential.ts';
import type { TokenAnswer } from './parse-token-answer.ts';

/** The token as the upstream is shown it (RFC 6750 2.1). */
export function bearer(token: string): Credential {
  return Object.freeze({ kind: 'header', name: 'authorization', value: `Bearer ${token}` });
}

/** What a token service answered, as a credential that ages. */
export function issueBearer(answer: TokenAnswer): Issued {
  return { credential: bearer(answer.token), expiresAt: answer.expiresAt, answer };
}
