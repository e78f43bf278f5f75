import * as oidc from 'openid-client';
import type { LoginClientAuthentication } from '../config/identity-provider.ts';

/** How we show the provider who we are at its token endpoint. */
export function clientAuthenticationOf(authentication: LoginClientAuthentication): oidc.ClientAuth {
  switch (authentication.method) {
    case 'client_secret':
      return clientSecret(authentication.secret);
    case 'private_key_jwt': {
      const { keyPair } = authentication;
      return async (server, client, body, headers) => {
        const key = await crypto.subtle.importKey(
          'pkcs8',
          keyPair.privateKey.export({ type: 'pkcs8', format: 'der' }),
          { name: 'RSA-PSS', hash: 'SHA-256' },
          false,
          ['sign'],
        );
        const sign = oidc.PrivateKeyJwt(
          { key, kid: keyPair.thumbprints.sha1.hex.toUpperCase() },
          {
            // Entra ID takes only its token URL as audience and finds the key by thumbprint (token-flows.md A5).
            [oidc.modifyAssertion]: (header, payload) => {
              header['x5t#S256'] = keyPair.thumbprints.sha256.base64url;
              payload['aud'] = server.token_endpoint ?? server.issuer;
            },
          },
        );
        await sign(server, client, body, headers);
      };
    }
    case 'tls_client_auth':
      return oidc.TlsClientAuth();
    case 'none':
      return oidc.None();
  }
}

/** In the body where the provider takes it, which leaves no room for two readings of form-encoding; else as Basic. */
function clientSecret(secret: string): oidc.ClientAuth {
  const post = oidc.ClientSecretPost(secret);
  const basic = oidc.ClientSecretBasic(secret);
  return (server, client, body, headers) => {
    // OpenID Connect Discovery 3: client_secret_basic is the default when nothing is said.
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_post') ? post : basic)(server, client, body, headers);
  };
}
