import type { Request } from 'express';
import type { IasTenant } from './tenant.ts';

/** The discovery document: token service only, without the sign-in endpoints this service does not have. */
export function discoveryDocument({ origin }: IasTenant): Record<string, unknown> {
  return {
    issuer: origin,
    token_endpoint: `${origin}/oauth2/token`,
    jwks_uri: `${origin}/oauth2/certs`,
    grant_types_supported: ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    token_endpoint_auth_methods_supported: ['tls_client_auth', 'client_secret_basic', 'client_secret_post'],
    id_token_signing_alg_values_supported: ['RS256'],
    subject_types_supported: ['public'],
    response_types_supported: ['code', 'id_token', 'token'],
    scopes_supported: ['openid', 'email', 'profile', 'offline_access'],
    tls_client_certificate_bound_access_tokens: true,
  };
}

export function keySet({ key }: IasTenant): Record<string, unknown> {
  const { kty, n, e } = key.keys.publicKey.export({ format: 'jwk' });
  return { keys: [{ kty, use: 'sig', alg: 'RS256', kid: key.thumbprints.x5t, n, e }] };
}

/** SAP's libraries say on whose behalf they fetch the keys; ids of another tenant are answered 400 (token-flows.md C1, H49). */
export function idsFit(request: Request, tenant: IasTenant): boolean {
  const tenantId = request.get('x-app_tid');
  const clientId = request.get('x-client_id');
  return (tenantId ?? tenant.id) === tenant.id && (clientId === undefined || tenant.applications.has(clientId));
}
