import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from '../../routing/route.ts';
import { sameSecret } from '../../session/same-secret.ts';

/** Whether the router gets the backend's CSRF token for a request; if not, why. */
export type Brokerage = 'brokered' | 'reads only' | 'token of the client' | 'origin not proved';

/** What of a request and its caller the decision needs. */
export interface BrokerageInput {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly access: Access;
  /** The session's own token (xs-app.md section 7); undefined when none was fetched yet. */
  readonly ownToken: string | undefined;
  /** The caller proved itself, or where it comes from, by a header that no other site can send. */
  readonly exempt: boolean;
  /** Our own, as the client sees it: scheme and host. */
  readonly origin: string;
}

const modifying: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'MERGE']);

/**
 * Pure. The backend asks for its token to know that no other site has sent the request. Where the router gets that token,
 * it must know the same: by its own token, by a proof in a header, by what the browser says of the origin, or because nothing came along that a browser would add by itself. Else the client's handshake is left to the client.
 */
export function brokerageOf({ method, headers, access, ownToken, exempt, origin }: BrokerageInput): Brokerage {
  if (!modifying.has(method)) return 'reads only';
  if (access.kind === 'login' && access.csrf) return 'brokered'; // who got here has shown the router's token
  const presented = headers['x-csrf-token'];
  const isOwn = typeof presented === 'string' && ownToken !== undefined && sameSecret(presented, ownToken);
  if (isOwn) return 'brokered';
  if (presented !== undefined && presented !== '') return 'token of the client';
  if (exempt) return 'brokered';
  return isFromHere(headers, origin) ? 'brokered' : 'origin not proved';
}

/** Browsers say where a request comes from, to encrypted sites and this machine by Fetch Metadata, to all others by Origin. */
function isFromHere(headers: IncomingHttpHeaders, own: string): boolean {
  const { origin, 'sec-fetch-site': site, cookie, authorization } = headers;
  if (site !== undefined) return site === 'same-origin';
  if (origin !== undefined) return origin === own;
  return cookie === undefined && authorization === undefined;
}
