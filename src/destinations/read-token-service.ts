import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { readClientAuthentication } from './read-client-authentication.ts';
import { readHeaders } from './read-headers.ts';
import { readKeyPair } from './read-key-pair.ts';
import { readEnvironmentProxy } from './read-proxy.ts';
import { readSeconds } from './read-seconds.ts';
import type { DestinationTls } from './read-tls.ts';
import { readTokenUrl } from './read-token-url.ts';
import type { TokenService } from './token-service.ts';
import { warnOfFixedAssertions } from './warn-of-fixed-assertion.ts';

/**
 * Reads the token service of any OAuth destination (destination-service.md 2.2, 2.3).
 * @param clientIdProperty `clientId`, or `clientKey` for the SAML types
 */
export async function readTokenService(
  p: Properties,
  context: DestinationContext,
  tls: DestinationTls,
  clientIdProperty: 'clientId' | 'clientKey',
): Promise<TokenService> {
  const { url, endpoint, tenancy } = readTokenUrl(p);
  const clientId = p.required(clientIdProperty, 'give the id under which the token service knows this client');
  const body = p.family('tokenService.body.');
  warnOfFixedAssertions(p, body, context.now);
  const headers = readTokenHeaders(p);
  const mtls = { location: 'tokenService.KeyStoreLocation', password: 'tokenService.KeyStorePassword' };
  const clientCertificate = await readKeyPair(p, mtls, context.keyStores, context.now);
  if (clientCertificate && url.protocol !== 'https:') p.problem(mtls.location, 'needs a tokenServiceURL with https');
  return {
    url,
    endpoint,
    tenancy,
    clientId,
    clientAuthentication: await readClientAuthentication(p, context, { endpoint, body, headers, clientCertificate }),
    // One blank between two (RFC 6749 3.3), however they were written.
    scope: p.text('scope')?.trim().replace(/\s+/g, ' ') || undefined,
    body,
    headers,
    tls: { ...tls.tokenService, clientCertificate },
    proxy: readEnvironmentProxy(p, 'tokenServiceURL', url, context.env),
    connectTimeout: readSeconds(p, 'tokenServiceURL.ConnectionTimeoutInSeconds', 60, 10_000),
    readTimeout: readSeconds(p, 'tokenServiceURL.SocketReadTimeoutInSeconds', 600, 10_000),
  };
}

/** `tokenService.headers.*` does not exist, but is what everybody writes first (section 8 #12). */
function readTokenHeaders(p: Properties): Record<string, string> {
  const misnamed = readHeaders(p, 'tokenService.headers.');
  for (const name of Object.keys(p.family('tokenService.headers.'))) {
    const message = `is taken for tokenServiceURL.headers.${name}; the Destination service knows only that one`;
    p.warn(`tokenService.headers.${name}`, message);
  }
  return { ...misnamed, ...readHeaders(p, 'tokenServiceURL.headers.') };
}
