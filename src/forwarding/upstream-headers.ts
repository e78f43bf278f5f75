import type { IncomingHttpHeaders } from 'node:http';
import type { Arrival } from '../accept/arrival.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Credential } from '../tokens/credential.ts';
import { cookieHeader } from './backend-cookies.ts';
import { outgoingHeaders } from './outgoing-headers.ts';
import { wantsStatistics } from './statistics.ts';
import type { Trip } from './trip.ts';

/** What of the client's request the upstream's headers are made of. */
export interface ClientHeaders {
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly arrival: Arrival;
}

type Going = Pick<
  Trip,
  'admitted' | 'destination' | 'authorizationIsOurs' | 'clientCookie' | 'keptCookies' | 'brokering'
>;

/**
 * The headers that a trip's upstream gets. Pure.
 * @param path at the upstream, queries included
 * @param router what is the router's own: the tenant's id, and the headers that hand the trace on
 * @returns name, value, name, value…
 */
export function upstreamHeaders(
  { rawHeaders, headers, arrival }: ClientHeaders,
  { admitted, destination, authorizationIsOurs, clientCookie, keptCookies, brokering }: Going,
  credential: Credential,
  path: string,
  { tenantId, trace }: { readonly tenantId: string | undefined; readonly trace: readonly string[] | undefined },
): string[] {
  const { access } = admitted.route;
  const pathname = path.split('?', 1)[0] ?? '/';
  return outgoingHeaders({
    rawHeaders,
    arrival,
    target: destination,
    credential,
    // Credentials of a `basic` route are the router's, not the backend's (xs-app.md 3.9).
    hideAuthorization:
      authorizationIsOurs || expectsOurs(destination) || (access.kind === 'login' && access.by === 'basic'),
    cookie: cookieHeader(clientCookie, keptCookies, pathname, destination.url.protocol === 'https:'),
    hideCsrfToken: (access.kind === 'login' && access.csrf) || brokering !== undefined,
    tenantId,
    statistics: wantsStatistics(arrival.url, headers),
    trace,
  });
}

/** A destination that is shown our credential never sees the client's own Authorization, not even when we have none to show. */
function expectsOurs(destination: Destination): boolean {
  return destination.authentication !== 'NoAuthentication' || destination.forwardAuthToken;
}
