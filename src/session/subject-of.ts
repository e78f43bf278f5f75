import type { Login } from './session-data.ts';

/**
 * Who the provider says has logged in: `sub` of the id_token, which is what its logout tokens name. The access token's
 * may be another one (pairwise subjects, OpenID Connect Core 8.1); it stands in where there is no id_token.
 */
export function subjectOf({ idToken, user }: Pick<Login, 'idToken' | 'user'>): string | undefined {
  const sub = claimsOf(idToken)['sub'] ?? user.claims['sub'];
  return typeof sub === 'string' ? sub : undefined;
}

/** The token was verified when the login finished; here it is only read. */
function claimsOf(idToken: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const payload = Buffer.from(idToken?.split('.')[1] ?? '', 'base64url').toString('utf8');
    const claims: unknown = JSON.parse(payload);
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
