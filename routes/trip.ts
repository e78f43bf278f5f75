import type { Request, Response } from 'express';
import type { Admitted } from '../src/authorization/authorize.ts';
import type { Destination } from '../src/destinations/destination.ts';
import { boundJars, keepCookies } from '../src/forwarding/backend-cookies.ts';
import type { Trip } from '../src/forwarding/trip.ts';
import type { House } from '../src/house.ts';
import { withoutCookies } from '../src/session/cookie-header.ts';
import { cookiesFor } from '../src/session/session-data.ts';
import type { FoundSession } from '../src/session/sessions.ts';
import { claimsOf } from '../src/tokens/claims-challenge.ts';
import { type Credential, noCredential } from '../src/tokens/credential.ts';
import { presentsBearer } from './visitor.ts';

/** What the earlier stages settled about a request. */
export interface Settled {
  readonly verdict: Admitted;
  readonly destination: Destination;
  readonly credential: Credential;
  readonly path: string;
  readonly visit: FoundSession | undefined;
}

/** Packs what forwarding needs: the settled facts, the cookies of this destination, and how to get another token. */
export function tripOf(house: House, settled: Settled, request: Request, response: Response): Trip {
  const { verdict, destination, credential, path, visit } = settled;
  // What an upstream is shown comes back in its answer to TRACE, and no token reaches a browser (RFC 9110 9.3.8, T-08).
  const isTrace = request.arrival.method === 'TRACE';
  return {
    admitted: verdict,
    destination,
    path,
    credential: isTrace ? noCredential : credential,
    renew: house.tokens.isRenewable(destination)
      ? async (challenge) =>
          house.tokens.obtain(destination, verdict.principal, { rejected: credential, claims: claimsOf(challenge) })
      : undefined,
    authorizationIsOurs: presentsBearer(house, verdict.route.access, request),
    clientCookie: isTrace ? undefined : withoutCookies(request.headers.cookie, house.isOwnCookie),
    keptCookies: isTrace ? [] : cookiesFor(visit?.data, destination.name),
    async keep(cookies, ended) {
      const session = visit ?? (await house.sessions.open(request, response));
      const kept = keepCookies(cookiesFor(session.data, destination.name), cookies, ended);
      await house.sessions.update(session, { cookies: boundJars(session.data.cookies ?? {}, destination.name, kept) });
    },
    tie: visit?.data.login ? (end) => house.liveStreams.add(visit.id, end) : () => () => {},
  };
}
