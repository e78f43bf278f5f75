import { isLoopback } from '../config/loopback.ts';
import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { readClientAuthentication } from './read-client-authentication.ts';
import { readHeaders } from './read-headers.ts';
import { readKeyPair } from './read-key-pair.ts';
import type { DestinationTls } from './read-tls.ts';
import { readUrl } from './read-url.ts';
import type { TokenService } from './token-service.ts';

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
  const url = readTokenUrl(p);
  const endpoint = p.text('tokenServiceURL')?.trim().split('?', 1)[0] ?? '';
  const clientId = p.required(clientIdProperty, 'give the id under which the token service knows this client');
  const body = p.family('tokenService.body.');
  const headers = readTokenHeaders(p);
  addQueries(p, url);
  const mtls = { location: 'tokenService.KeyStoreLocation', password: 'tokenService.KeyStorePassword' };
  const clientCertificate = await readKeyPair(p, mtls, context.keyStores, context.now);
  if (clientCertificate && url.protocol !== 'https:') p.problem(mtls.location, 'needs a tokenServiceURL with https');
  return {
    url,
    endpoint,
    clientId,
    clientAuthentication: await readClientAuthentication(p, context, { endpoint, body, headers, clientCertificate }),
    scope: p.text('scope'),
    body,
    headers,
    tls: { ...tls.tokenService, clientCertificate },
    connectTimeout: readSeconds(p, 'tokenServiceURL.ConnectionTimeoutInSeconds', 60),
    readTimeout: readSeconds(p, 'tokenServiceURL.SocketReadTimeoutInSeconds', 600),
  };
}

function readTokenUrl(p: Properties): URL {
  const url = readUrl(p, 'tokenServiceURL', 'give the whole URL of the token endpoint', { query: true });
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    p.problem('tokenServiceURL', 'must be https: secrets and tokens travel there (http is for loopback only)');
  }
  if (p.oneOf('tokenServiceURLType', ['Dedicated', 'Common']) === 'Common') {
    p.problem('tokenServiceURLType', 'Common (a token service URL per tenant) is not supported yet; use Dedicated');
  }
  return url;
}

/** `tokenService.headers.*` and `.queries.*` do not exist, but are what everybody writes first (section 8 #12). */
function readTokenHeaders(p: Properties): Record<string, string> {
  const misnamed = readHeaders(p, 'tokenService.headers.');
  for (const name of Object.keys(p.family('tokenService.headers.'))) warnOfAlias(p, 'headers', name);
  return { ...misnamed, ...readHeaders(p, 'tokenServiceURL.headers.') };
}

function addQueries(p: Properties, url: URL): void {
  const misnamed = p.family('tokenService.queries.');
  for (const name of Object.keys(misnamed)) warnOfAlias(p, 'queries', name);
  const queries = { ...misnamed, ...p.family('tokenServiceURL.queries.') };
  for (const [name, value] of Object.entries(queries)) url.searchParams.set(name, value);
}

function warnOfAlias(p: Properties, kind: 'headers' | 'queries', name: string): void {
  const right = `tokenServiceURL.${kind}.${name}`;
  p.warn(`tokenService.${kind}.${name}`, `is taken for ${right}; the Destination service knows only that one`);
}

/**
 * Seconds → milliseconds. Outside the range the real service uses 10 s, and so do we. 0 would mean "wait for ever" there;
 * every outgoing call has an end here (design section 5), so it is the longest that may be written.
 */
function readSeconds(p: Properties, name: string, max: number): number {
  const text = p.text(name)?.trim();
  if (text === undefined) return 10_000;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  if (seconds <= max) return (seconds || max) * 1000;
  p.warn(name, `must be a whole number from 0 to ${max}; 10 is used`);
  return 10_000;
}
