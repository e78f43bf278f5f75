import type { IdentityProvider, OidcProvider } from '../config/identity-provider.ts';
import type { KeyPair } from '../config/key-store.ts';
import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { readEnvironmentProxy } from './read-proxy.ts';
import { readSeconds } from './read-seconds.ts';
import type { ClientAuthentication, TokenService } from './token-service.ts';
import type { UserTokenRules } from './user-token.ts';

/** What a destination takes from the binding of the login instead of having it itself (xs-app.md 5.1, 10.5). */
export interface FromLogin {
  /** The token of the login is exchanged for one for an IAS dependency: what OAuth2JWTBearer does, with the login's client. */
  readonly exchange: { readonly tokenService: TokenService; readonly userToken: UserTokenRules } | undefined;
  /** Shown to the target. */
  readonly certificate: KeyPair | undefined;
}

/** Reads HTML5.IASDependencyName and HTML5.ForwardAuthCertificates. @param target what the destination leads to */
export async function readLoginBinding(p: Properties, context: DestinationContext, target: URL): Promise<FromLogin> {
  const dependency = p.text('HTML5.IASDependencyName')?.trim();
  const showsCertificate = p.flag('HTML5.ForwardAuthCertificates', false);
  if (dependency === undefined && !showsCertificate) return { exchange: undefined, certificate: undefined };
  const providers = (await context.login?.()) ?? [];
  return {
    exchange: dependency === undefined ? undefined : readExchange(p, context, dependency, providers),
    certificate: showsCertificate ? readCertificate(p, target, providers) : undefined,
  };
}

/** The names IAS has for resources: token-flows.md C4; the address of its token endpoint: destination-service.md 2.10. */
function readExchange(
  p: Properties,
  context: DestinationContext,
  dependency: string,
  providers: readonly IdentityProvider[],
): FromLogin['exchange'] {
  const property = 'HTML5.IASDependencyName';
  const ias = providers.find((provider): provider is OidcProvider => provider.kind === 'ias');
  if (ias === undefined) {
    p.problem(
      property,
      'exchanges the token of a login at IAS, but no service identity is bound; bind it, or remove this',
    );
    return undefined;
  }
  const client = clientOf(ias);
  if (client === undefined) return undefined;
  const url = new URL('/oauth2/token', ias.issuer);
  const { keyPair, clientAuthentication } = client;
  p.dependsOn(JSON.stringify([url.href, ias.clientId, keyPair?.fingerprint ?? clientAuthentication]));
  const tokenService: TokenService = {
    url,
    endpoint: url.href,
    tenancy: undefined,
    clientId: ias.clientId,
    clientAuthentication,
    scope: undefined,
    body: { resource: `urn:sap:identity:application:provider:name:${dependency}`, token_format: 'jwt' },
    headers: {},
    tls: { verify: true, trust: [], hostNames: 'strict', clientCertificate: keyPair },
    proxy: readEnvironmentProxy(p, property, url, context.env),
    connectTimeout: readSeconds(p, 'tokenServiceURL.ConnectionTimeoutInSeconds', 60, 10_000),
    readTimeout: readSeconds(p, 'tokenServiceURL.SocketReadTimeoutInSeconds', 600, 10_000),
  };
  return { tokenService, userToken: { destinationName: undefined, verification: undefined } };
}

/** A binding of IAS has a secret, or a certificate with its key (token-flows.md C11). */
function clientOf({
  clientAuthentication: known,
}: OidcProvider): { keyPair: KeyPair | undefined; clientAuthentication: ClientAuthentication } | undefined {
  switch (known.method) {
    case 'client_secret':
      return { keyPair: undefined, clientAuthentication: { method: 'client_secret_post', secret: known.secret } };
    case 'tls_client_auth':
      return { keyPair: known.keyPair, clientAuthentication: { method: 'tls_client_auth' } };
    case 'none':
    case 'private_key_jwt':
      return undefined;
  }
}

function readCertificate(p: Properties, target: URL, providers: readonly IdentityProvider[]): KeyPair | undefined {
  const property = 'HTML5.ForwardAuthCertificates';
  if (target.protocol !== 'https:') p.problem('URL', 'must be https: a client certificate is shown over TLS only');
  // IAS binds its tokens to its client's certificate (RFC 8705 3): of two bindings that one is wanted with them.
  const byNeed = [...providers].sort((a, b) => Number(b.kind === 'ias') - Number(a.kind === 'ias'));
  const found = byNeed.map((provider) => provider.clientAuthentication).find(hasCertificate);
  if (found === undefined) {
    p.problem(
      property,
      'shows the certificate of the login, but no binding of a login has one; bind it with X.509 credentials, or use ClientCertificateAuthentication',
    );
    return undefined;
  }
  p.dependsOn(found.keyPair.fingerprint);
  return found.keyPair;
}

function hasCertificate(
  client: IdentityProvider['clientAuthentication'],
): client is Extract<IdentityProvider['clientAuthentication'], { method: 'tls_client_auth' }> {
  return client.method === 'tls_client_auth';
}
