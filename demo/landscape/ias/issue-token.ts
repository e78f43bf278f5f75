import { randomBytes, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { LandscapeUser } from '../users.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { IasError } from './ias-error.ts';
import { readResource } from './read-resource.ts';
import type { IasTenant } from './tenant.ts';

export interface TokenOrder {
  readonly client: AuthenticatedClient;
  /** undefined: the client itself. */
  readonly user: LandscapeUser | undefined;
  readonly resource: string | undefined;
  /** `token_format` as sent. */
  readonly format: string | undefined;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly id_token?: string;
}

/** Makes the answer: a JWT for client credentials, an opaque token for jwt-bearer, unless `token_format` says otherwise (C6). */
export async function issueToken(tenant: IasTenant, order: TokenOrder): Promise<TokenAnswer> {
  const { user, client, format } = order;
  if (format !== undefined && format !== 'jwt' && format !== 'opaque') {
    throw new IasError('invalid_request', 'The token_format is not supported.');
  }
  const dependency = readResource(order.resource, client.application);
  const audience = dependency?.providerClientId ?? client.application.id;
  const claims = {
    ...baseClaims(tenant, client),
    aud: audience,
    ...(user ? userClaims(user) : { sub: client.application.id, sap_id_type: 'app' }),
    ...(dependency ? { ias_apis: [dependency.api] } : {}),
  };
  const opaque = (format ?? (user ? 'opaque' : 'jwt')) === 'opaque';
  return {
    access_token: opaque ? randomBytes(32).toString('base64url') : await sign(tenant, claims),
    token_type: 'Bearer',
    expires_in: tenant.tokenLifetime,
    ...(user ? { id_token: await sign(tenant, { ...claims, aud: client.application.id }) } : {}),
  };
}

function baseClaims(tenant: IasTenant, { application, boundTo }: AuthenticatedClient): JWTPayload {
  const now = tenant.clock.seconds();
  return {
    iss: tenant.origin,
    azp: application.id,
    iat: now,
    exp: now + tenant.tokenLifetime,
    jti: randomUUID(),
    app_tid: tenant.id,
    // RFC 8705 3.1: bound to the certificate the client used.
    ...(boundTo === undefined ? {} : { cnf: { 'x5t#S256': boundTo } }),
  };
}

/** Whom IAS does not know itself comes with what the corporate identity provider said (token-flows.md C4). */
function userClaims(user: LandscapeUser) {
  return {
    sub: user.userUuid ?? user.email,
    sap_id_type: 'user',
    email: user.email,
    given_name: user.givenName,
    family_name: user.surname,
    name: user.displayName,
    ...(user.userUuid === undefined ? {} : { user_uuid: user.userUuid, scim_id: user.userUuid }),
  };
}

function sign({ key }: IasTenant, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.thumbprints.x5t })
    .sign(key.keys.privateKey);
}
