import { createHash } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { User } from '../authorization/principal.ts';
import type { UserTokenVerification } from '../destinations/user-token.ts';
import { AppError } from '../errors/app-error.ts';
import type { ProviderFetch } from '../login/provider-fetch.ts';
import { providerKeys } from '../login/provider-keys.ts';
import { refusal } from './refusal.ts';

/**
 * Who a user token that is handed in stands for (destination-service.md 2.3): nothing is propagated that was not verified.
 * @param verification the destination's own keys; undefined: the token must be of a configured identity provider
 * @throws AppError 401 when it is not to be believed
 */
export type VerifyUserToken = (token: string, verification: UserTokenVerification | undefined) => Promise<User>;

/** Asymmetric ones only: with a shared secret the published key would be one (RFC 8725 3.2). */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Seconds that clocks may differ. */
const clockTolerance = 60;

/** Longest token that is looked at, in characters. */
const longest = 16_384;

/**
 * @param verifyOfProviders judges tokens for destinations that say nothing of keys
 * @param fetchKeys how `x_user_token.jwks_uri` is asked
 */
export function createVerifyUserToken(
  verifyOfProviders: (token: string) => Promise<User>,
  fetchKeys: ProviderFetch = fetch,
): VerifyUserToken {
  const remote = new Map<string, JWTVerifyGetKey>();
  const keysAt = (uri: URL) => {
    // As of a login's provider: a key that it has just changed to is asked for at once (token-flows.md C9).
    const keys = remote.get(uri.href) ?? providerKeys(uri, fetchKeys, 5_000).ofAnybody;
    remote.set(uri.href, keys);
    return keys;
  };
  return async (token, verification) => {
    if (token.length > longest) throw refused('it is too long');
    if (verification === undefined) return verifyOfProviders(token).catch(notOfProviders);
    const { keys, type, issuer, audience } = verification;
    const getKey = keys.kind === 'inline' ? createLocalJWKSet(keys.jwks as unknown as JSONWebKeySet) : keysAt(keys.uri);
    try {
      const options = {
        algorithms,
        clockTolerance,
        requiredClaims: ['exp'],
        ...(hasType(token) || type !== 'JWT' ? { typ: type } : {}),
        // IAS tenants of old write no scheme (token-flows.md C1).
        ...(issuer === undefined ? {} : { issuer: [issuer, issuer.replace(/^https?:\/\//, '')] }),
        ...(audience === undefined ? {} : { audience }),
      };
      const { payload } = await jwtVerify(token, getKey, options);
      return Object.freeze({
        kind: 'user',
        provider: keys.kind === 'inline' ? 'x_user_token.jwks' : keys.uri.origin,
        claims: Object.freeze(payload),
        scopes: [],
        token,
        tokenHash: createHash('sha256').update(token).digest('base64url'),
      });
    } catch (cause) {
      throw refused(reasons[String((cause as { code?: unknown }).code)] ?? 'it cannot be verified', cause);
    }
  };
}

/** For whoever hands a token in it is no caller that was refused. A provider that cannot be asked is another matter. */
function notOfProviders(cause: unknown): never {
  if (!(cause instanceof AppError) || cause.status !== 401) throw cause;
  const cure = 'x_user_token.jwks_uri of the destination names the keys of another';
  throw refused(`it is not, or no longer, one of an identity provider that is configured here; ${cure}`, cause);
}

const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'it has expired',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'its header typ or one of its claims is not what it must be',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature does not fit the key',
  ERR_JWKS_NO_MATCHING_KEY: 'there is no key for its kid',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'it has no kid, and there are several keys',
  ERR_JWKS_TIMEOUT: 'its keys cannot be fetched',
  ERR_JOSE_ALG_NOT_ALLOWED: 'its algorithm is not accepted',
  ERR_JWS_INVALID: 'it is not a JWT',
  ERR_JWT_INVALID: 'it is not a JWT',
};

function refused(why: string, cause?: unknown) {
  return refusal(401, `The user token was not accepted: ${why}.`, cause);
}

/** A plain JWT may say nothing of its type (RFC 7519 5.1); what it says must be what is expected. */
function hasType(token: string): boolean {
  try {
    return 'typ' in JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
  } catch {
    return true;
  }
}
