import type { CryptoKey } from 'jose';
import * as oidc from 'openid-client';
import type { LoginAssertion, LoginClientAuthentication } from '../config/identity-provider.ts';

/** How we show the provider who we are at its token endpoint. */
export function clientAuthenticationOf(authentication: LoginClientAuthentication): oidc.ClientAuth {
  switch (authentication.method) {
    case 'client_secret':
      return clientSecret(authentication.secret);
    case 'private_key_jwt':
      return privateKeyJwt(authentication);
    case 'tls_client_auth':
      return oidc.TlsClientAuth();
    case 'none':
      return oidc.None();
  }
}

/** How WebCrypto calls the two (RFC 7518 3.3, 3.5). */
const signatures = {
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};

/** Seconds that an assertion lasts: Entra ID advises 5 to 10 minutes (token-flows.md A5). */
const lifetime = 300;

/** The same assertion as the token flows send: thumbprint by algorithm, `kid`, one audience (token-flows.md A5, vectors G). */
function privateKeyJwt({ keyPair, algorithm, audience }: LoginAssertion): oidc.ClientAuth {
  const { sha1, sha256 } = keyPair.thumbprints;
  const thumbprint = algorithm === 'PS256' ? { 'x5t#S256': sha256.base64url } : { x5t: sha1.base64url };
  const pkcs8 = keyPair.privateKey.export({ type: 'pkcs8', format: 'der' });
  let importing: Promise<CryptoKey> | undefined;
  return async (server, client, body, headers) => {
    importing ??= crypto.subtle.importKey('pkcs8', pkcs8, signatures[algorithm], false, ['sign']);
    const key = await importing;
    const sign = oidc.PrivateKeyJwt(
      { key, kid: sha1.hex },
      {
        [oidc.modifyAssertion]: (header, payload) => {
          Object.assign(header, { typ: 'JWT', ...thumbprint });
          payload['aud'] = audience ?? server.token_endpoint ?? server.issuer;
          payload['exp'] = Number(payload['iat']) + lifetime;
        },
      },
    );
    await sign(server, client, body, headers);
  };
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
