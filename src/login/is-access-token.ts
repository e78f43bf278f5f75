import type { JWTPayload } from 'jose';

/** What a verified JWT is for, as far as it says so. */
export interface Stated {
  readonly header: { readonly typ?: string | undefined };
  readonly payload: JWTPayload;
}

/** Claims that stand in id_tokens only (OpenID Connect Core 2, 3.3.2.11), and of logout tokens (Back-Channel Logout 2.4). */
const foreign = ['at_hash', 'c_hash', 's_hash', 'events'];

/**
 * Whether a token may be presented by a caller: an id_token or a logout token that leaked must not open a door (RFC 8725
 * 3.11, RFC 9068 4). What says nothing of its kind is taken for what it is presented as: most providers' access tokens
 * do not.
 * @param nonceTells whether this provider puts `nonce` into id_tokens only; UAA puts it into both
 */
export function isAccessToken({ header, payload }: Stated, nonceTells: boolean): boolean {
  const typ = header.typ?.toLowerCase().replace(/^application\//, '');
  if (typ === 'at+jwt') return true; // RFC 9068 2.1
  if (typ !== undefined && typ !== 'jwt') return false;
  const { token_use: use, typ: kind } = payload; // Cognito's word for it, and Keycloak's
  if (use === 'access' || kind === 'Bearer') return true;
  if (use !== undefined || kind !== undefined) return false;
  return ![...foreign, ...(nonceTells ? ['nonce'] : [])].some((claim) => payload[claim] !== undefined);
}
