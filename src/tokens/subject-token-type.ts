import type { User } from '../authorization/principal.ts';
import { jwtPart } from '../session/jwt-part.ts';

const prefix = 'urn:ietf:params:oauth:token-type:';

/**
 * What kind of token the user's is (RFC 8693 3), as far as it shows: opaque ones and those that speak of scopes are
 * access tokens (RFC 9068 2.1, 2.2.3; Entra's `scp`), those with the marks of a login are ID tokens (OpenID Connect Core
 * 2), and of any other JWT nothing more is claimed than that it is one. Only the token itself tells: the user's claims are
 * also from the id_token beside it.
 */
export function subjectTokenType({ token }: Pick<User, 'token'>): string {
  const header = jwtPart(token, 'header');
  const claims = jwtPart(token, 'claims');
  if (header === undefined || claims === undefined) return `${prefix}access_token`;
  const says = (name: string) => Object.hasOwn(claims, name);
  if (/^(application\/)?at\+jwt$/i.test(String(header['typ'])) || says('scp') || says('scope'))
    return `${prefix}access_token`;
  return says('nonce') || says('at_hash') ? `${prefix}id_token` : `${prefix}jwt`;
}
