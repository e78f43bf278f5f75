import { randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Claims, User } from '../authorization/principal.ts';
import type { Identity } from './identity.ts';
import { refusal } from './refusal.ts';

/** Seconds that a token of the service lives, as XSUAA's do. */
export const tokenLifetime = 43_199;

/** Who calls, by the token in the Authorization header. */
export interface Caller {
  /** The zone that the token is of. */
  readonly zone: string;
  /** The token stands for a user, not only for the client. */
  readonly user: boolean;
  readonly claims: Claims;
  readonly token: string;
}

/** Claims of a user that XSUAA has in its tokens, and clients look for (destination-service.md section 9 #12). */
const userClaims = [
  'sub',
  'user_id',
  'user_uuid',
  'user_name',
  'email',
  'given_name',
  'family_name',
  'origin',
  'xs.user.attributes',
  'xs.system.attributes',
];

/** Makes a token of the service: for the client, or for the client on behalf of a user. */
export async function signServiceToken(
  identity: Identity,
  origin: string,
  zone: string,
  user: User | undefined,
): Promise<{ readonly token: string; readonly id: string; readonly scope: string }> {
  const { clientId } = identity;
  const id = randomUUID();
  const scopes = ['uaa.resource', ...(user ? ['uaa.user'] : [])];
  const token = await new SignJWT({
    ...(user ? ofUser(user.claims) : { sub: clientId }),
    jti: id,
    zid: zone,
    ext_attr: {
      enhancer: 'XSUAA',
      subaccountid: zone,
      zdn: identity.identityZone,
      serviceinstanceid: identity.instanceId,
    },
    scope: scopes,
    authorities: scopes,
    client_id: clientId,
    cid: clientId,
    azp: clientId,
    grant_type: user ? 'urn:ietf:params:oauth:grant-type:jwt-bearer' : 'client_credentials',
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: identity.keyId, jku: `${origin}/token_keys` })
    .setIssuer(`${origin}/oauth/token`)
    .setAudience([clientId, 'destination'])
    .setIssuedAt()
    .setExpirationTime(`${tokenLifetime}s`)
    .sign(identity.signingKey);
  return { token, id, scope: scopes.join(' ') };
}

function ofUser(claims: Claims): Record<string, unknown> {
  const kept = Object.fromEntries(userClaims.flatMap((name) => (name in claims ? [[name, claims[name]]] : [])));
  const { email, preferred_username: preferred, sub } = claims;
  return {
    ...kept,
    user_id: claims['user_id'] ?? claims['oid'] ?? sub,
    user_name: claims['user_name'] ?? email ?? preferred ?? sub,
  };
}

/**
 * Who calls: the token must be one of ours, for us, and not have ended.
 * @throws AppError 401
 */
export async function verifyServiceToken(identity: Identity, authorization: string | undefined): Promise<Caller> {
  const token = /^Bearer +([^\s,]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw unauthorized('The Authorization header with a Bearer token is missing.');
  if (token.split('.').length !== 3) throw unauthorized('Unable to parse the JWT in Authorization Header.');
  try {
    const { payload } = await jwtVerify(token, identity.publicKey, {
      algorithms: ['RS256'],
      audience: identity.clientId,
      requiredClaims: ['exp', 'zid', 'grant_type'],
    });
    return {
      zone: String(payload['zid']),
      user: payload['grant_type'] !== 'client_credentials',
      claims: payload,
      token,
    };
  } catch (cause) {
    const ended = (cause as { code?: unknown }).code === 'ERR_JWT_EXPIRED';
    throw unauthorized(
      ended
        ? 'The JWT in the Authorization header has expired.'
        : 'The JWT in the Authorization header is not one of this service, or not for this client.',
      cause,
    );
  }
}

function unauthorized(text: string, cause?: unknown) {
  return refusal(401, text, cause);
}
