import type { Directory } from './directory.ts';

/** The discovery document with the members Entra's has, and without those it lacks (token-flows.md A1). */
export function discoveryDocument(
  { urls, issuer, revocation }: Directory,
  userinfoUrl: string,
): Record<string, unknown> {
  return {
    token_endpoint: urls.token,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: urls.keys,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer,
    request_uri_parameter_supported: false,
    userinfo_endpoint: userinfoUrl,
    authorization_endpoint: urls.authorize,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: urls.logout,
    ...(revocation ? { revocation_endpoint: urls.revocation } : {}),
    claims_supported: [
      'sub',
      'iss',
      'cloud_instance_name',
      'cloud_instance_host_name',
      'cloud_graph_host_name',
      'msgraph_host',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'acr',
      'nonce',
      'preferred_username',
      'name',
      'tid',
      'ver',
      'at_hash',
      'c_hash',
      'email',
    ],
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
    rbac_url: 'https://pas.windows.net',
  };
}

/** The key set; each key names its issuer, and its kid is its certificate's `x5t` (token-flows.md A1). */
export function keySet({ key, issuer }: Directory): Record<string, unknown> {
  const { kty, n, e } = key.keys.publicKey.export({ format: 'jwk' });
  const der = key.certificate.replace(/-----[^-]+-----|\s/g, '');
  return { keys: [{ kty, use: 'sig', kid: key.thumbprints.x5t, x5t: key.thumbprints.x5t, n, e, x5c: [der], issuer }] };
}
