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
}

const modifying: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'MERGE']);

/**
 * Pure. The backend asks for its token to know that no other site has sent the request. Where the router gets that token,
 * it must know the same: by its own token, by a proof in a header, by what the browser says of the origin (Fetch Metadata),
 * or because nothing came along that a browser would add by itself. Else the client's handshake is left to the client.
 */
export function brokerageOf({ method, headers, access, ownToken, exempt }: BrokerageInput): Brokerage {
  if (!modifying.has(method)) return 'reads only';
  if (access.kind === 'login' && access.csrf) return 'brokered'; // who got here has shown the router's token
  const presented = headers['x-csrf-token'];
  const isOwn = typeof presented === 'string' && ownToken !== undefined && sameSecret(presented, ownToken);
  if (isOwn) return 'brokered';
  if (presented !== undefined && presented !== '') return 'token of the client';
  if (exempt) return 'brokered';
  const site = headers['sec-fetch-site'];
  const comesAlone = site === undefined && headers.cookie === undefined && headers.authorization === undefined;
  return site === 'same-origin' || comesAlone ? 'brokered' : 'origin not proved';
}
