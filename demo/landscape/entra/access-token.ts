import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { LandscapeUser } from '../users.ts';
import type { ClaimsRequest } from './claims-request.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { type Directory, pairwiseSubject } from './directory.ts';
import { signGraphToken } from './graph-nonce.ts';
import { grantedPermissions } from './policies.ts';
import type { Resource } from './resources.ts';

export interface AccessTokenRequest {
  readonly client: AuthenticatedClient;
  /** undefined: app-only. */
  readonly user: LandscapeUser | undefined;
  readonly resource: Resource;
  /** How the client called the resource: `aud` of a v1 token. */
  readonly identifier: string;
  readonly claims: ClaimsRequest;
}

export interface AccessToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** `appidacr` / `azpacr`: how the client proved who it is (token-flows.md A12). */
const proof = { none: '0', secret: '1', certificate: '2' } satisfies Record<AuthenticatedClient['proof'], string>;

/** Issues an access token in the format its resource wants. */
export async function mintAccessToken(directory: Directory, request: AccessTokenRequest): Promise<AccessToken> {
  const { claims, user, resource } = request;
  const { accessToken, challengeableAccessToken } = directory.lifetimes;
  const expiresIn = user && claims.capableOfChallenges ? challengeableAccessToken : accessToken;
  const now = directory.clock.seconds();
  const issuedAt = Math.max(now, claims.notBefore ?? now);
  const payload = {
    ...(resource.tokenFormat === 'graph' ? versionOne(directory, request) : versionTwo(directory, request)),
    ...subjectClaims(request),
    iat: issuedAt,
    nbf: issuedAt,
    exp: now + expiresIn,
    tid: directory.tenant,
    uti: randomUUID(),
    ...(claims.capableOfChallenges ? { xms_cc: ['CP1'] } : {}),
  };
  const { keys, thumbprints } = directory.key;
  const kid = thumbprints.x5t;
  const token =
    resource.tokenFormat === 'graph'
      ? signGraphToken({ alg: 'RS256', x5t: kid, kid }, payload, keys.privateKey)
      : await new SignJWT(payload).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid }).sign(keys.privateKey);
  return { token, expiresIn };
}

function versionOne(directory: Directory, { client, user, identifier }: AccessTokenRequest) {
  return {
    aud: identifier,
    iss: `https://sts.windows.net/${directory.tenant}/`,
    ver: '1.0',
    appid: client.application.id,
    app_displayname: client.application.name,
    appidacr: proof[client.proof],
    idtyp: user ? 'user' : 'app',
    ...(user && { acr: '1', amr: ['pwd'], name: user.displayName, unique_name: user.email, upn: user.email }),
  };
}

function versionTwo(directory: Directory, { client, user, resource }: AccessTokenRequest) {
  return {
    aud: resource.id,
    iss: directory.issuer,
    ver: '2.0',
    azp: client.application.id,
    azpacr: proof[client.proof],
    ...(user ? { name: user.displayName, preferred_username: user.email } : { idtyp: 'app' }),
  };
}

/** Delegated tokens carry `scp` and never `roles`; app-only tokens the reverse, and no roles at all when none were granted. */
function subjectClaims({ client, user, resource }: AccessTokenRequest) {
  const { id, appRoles } = client.application;
  if (user) {
    const scp = grantedPermissions(resource).join(' ');
    return { oid: user.oid, sub: pairwiseSubject(user.oid, resource.id), scp };
  }
  const roles = appRoles[resource.id] ?? [];
  return { oid: servicePrincipal(id), sub: servicePrincipal(id), ...(roles.length > 0 ? { roles } : {}) };
}

/** Object id of an application's service principal: any GUID other than the application's own. */
function servicePrincipal(applicationId: string): string {
  return `5e7c1ce0${applicationId.slice(8)}`;
}
