import {
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type * as oidc from 'openid-client';
import type { OidcProvider } from '../config/identity-provider.ts';
import { toleratedAtLogin } from './clock-difference.ts';
import { grantedScopes } from './granted-scopes.ts';
import { leftHalfHash } from './left-half-hash.ts';
import { notOurs } from './login-failed.ts';
import type { Renewable, Tokens } from './relying-party.ts';
import { requireLife } from './require-life.ts';
import { endOf, userOf, wordsOf } from './user-of.ts';

/** Signature algorithms a token for us may carry: asymmetric ones only (RFC 8725 3.1, T-41). */
export const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Which token is handed on, and what it says (design section 3: "the user token that flows hand on"). */
export async function tokensOf(
  provider: OidcProvider,
  response: oidc.TokenEndpointResponse,
  earlier: Partial<Renewable>,
  keys: JWTVerifyGetKey,
): Promise<Tokens> {
  if (response.id_token !== undefined) {
    requireHash(response.id_token, response.access_token);
    // Its claims have been judged already; whose signature it is, by the keys that are known here (OpenID Connect Core 3.1.3.7).
    await compactVerify(response.id_token, keys, { algorithms });
  }
  const idToken = response.id_token ?? earlier.idToken;
  const handOnAccessToken =
    provider.userToken === 'access_token' ||
    (provider.userToken === 'auto' && isForUs(response.access_token, provider));
  const token = handOnAccessToken ? response.access_token : idToken;
  if (token === undefined) throw new Error('the provider returned no id_token');
  const { payload } = await jwtVerify(token, keys, {
    audience: [...provider.audiences],
    algorithms,
    clockTolerance: toleratedAtLogin,
    requiredClaims: ['exp', 'sub'],
  });
  const idClaims = idToken === undefined ? {} : decodeJwt(idToken);
  const claims = { ...idClaims, ...payload };
  const scopes = handOnAccessToken ? scopesOf(payload) : [...wordsOf(response.scope), ...wordsOf(payload['roles'])];
  const madeAt = response.id_token === undefined ? handOnAccessToken && payload.iat : idClaims['iat'];
  const expiresAt = endOf(payload, response.expires_in, madeAt);
  requireLife(payload, expiresAt, madeAt);
  return {
    user: userOf(provider.name, token, claims, [...scopes, ...grantedScopes(provider.scopesOfClaims, claims)]),
    idToken,
    // A provider that does not rotate returns no new one (RFC 6749 section 6).
    refreshToken: response.refresh_token ?? earlier.refreshToken,
    sid: typeof idClaims['sid'] === 'string' ? idClaims['sid'] : undefined,
    expiresAt,
  };
}

/** An access token that was exchanged on the way is not the one the id_token came with (OpenID Connect Core 3.1.3.8). */
function requireHash(idToken: string, accessToken: string): void {
  const { at_hash: hash } = decodeJwt(idToken);
  const { alg = '' } = decodeProtectedHeader(idToken);
  if (hash !== undefined && hash !== leftHalfHash(alg, accessToken)) throw notOurs();
}

/** Delegated permissions and app roles of an access token (RFC 9068 2.2.3; Entra's `scp` and `roles`). */
export function scopesOf(claims: JWTPayload): string[] {
  return [...wordsOf(claims['scp']), ...wordsOf(claims['scope']), ...wordsOf(claims['roles'])];
}

/** An access token that is no JWT, or whose audience is somebody else (Entra's for Graph), is nobody's to read here. */
function isForUs(accessToken: string, provider: OidcProvider): boolean {
  if (accessToken.split('.').length !== 3) return false;
  try {
    return [decodeJwt(accessToken).aud ?? []].flat().some((audience) => provider.audiences.includes(audience));
  } catch {
    return false;
  }
}
