import { jwtPart } from './jwt-part.ts';
import type { Login } from './session-data.ts';

/**
 * Who the provider says has logged in: `sub` of the id_token, which is what its logout tokens name. The access token's
 * may be another one (pairwise subjects, OpenID Connect Core 8.1); it stands in where there is no id_token.
 */
export function subjectOf({ idToken, user }: Pick<Login, 'idToken' | 'user'>): string | undefined {
  // The token was verified when the login finished; here it is only read.
  const sub = jwtPart(idToken ?? '', 'claims')?.['sub'] ?? user.claims['sub'];
  return typeof sub === 'string' ? sub : undefined;
}
