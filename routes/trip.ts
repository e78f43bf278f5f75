import type { Request } from 'express';
import type { Admitted } from '../src/authorization/authorize.ts';
import type { Destination } from '../src/destinations/destination.ts';
import { keepCookies } from '../src/forwarding/backend-cookies.ts';
import { brokerageOf } from '../src/forwarding/csrf/brokerage.ts';
import type { Brokering, Trip } from '../src/forwarding/trip.ts';
import type { House } from '../src/house.ts';
import { repeatsRequest } from '../src/routing/repeats-request.ts';
import { withoutCookies } from '../src/session/cookie-header.ts';
import type { FoundSession } from '../src/session/sessions.ts';
import { claimsOf } from '../src/tokens/claims-challenge.ts';
import { type Credential, noCredential } from '../src/tokens/credential.ts';
import { provesItsOrigin } from './csrf.ts';
import type { Jar } from './jar.ts';
import { presentsBearer } from './visitor.ts';

/** What the earlier stages settled about a request. */
export interface Settled {
  readonly verdict: Admitted;
  readonly destination: Destination;
  readonly credential: Credential;
  readonly path: string;
  readonly jar: Jar;
  readonly session: FoundSession | undefined;
  /** See `Visitor`. */
  readonly csrfExempt: boolean;
}

/** Packs what forwarding needs: the settled facts, the cookies of this destination, and how to get another token. */
export function tripOf(house: House, settled: Settled, request: Request): Trip {
  const { verdict, destination, credential, path, jar, session } = settled;
  const isRepeated = repeatsRequest(request.arrival.method);
  const ages = !isRepeated && house.tokens.isRenewable(destination);
  return {
    admitted: verdict,
    destination,
    path,
    credential: isRepeated ? noCredential : credential,
    renew: ages
      ? async (challenge) =>
          house.tokens.obtain(destination, verdict.principal, { rejected: credential, claims: claimsOf(challenge) })
      : undefined,
    doubt: ages
      ? (challenge) =>
          house.tokens.doubt(destination, verdict.principal, { rejected: credential, claims: claimsOf(challenge) })
      : undefined,
    authorizationIsOurs: presentsBearer(house, verdict.route.access, request),
    clientCookie: isRepeated ? undefined : withoutCookies(request.headers.cookie, house.hidesCookie),
    keptCookies: isRepeated ? [] : jar.of(destination.jar),
    keep: (cookies, ended) => jar.keep(destination.jar, (kept) => keepCookies(kept, cookies, ended)),
    brokering: destination.csrf && brokeringOf(house, settled, request),
    tie: session?.data.login ? (end) => house.liveStreams.add(session.id, end) : () => () => {},
  };
}

/** The router gets the backend's CSRF token where it knows itself that no other site has sent the request. */
function brokeringOf(house: House, { verdict, session, csrfExempt }: Settled, request: Request): Brokering | undefined {
  const { route, principal } = verdict;
  const { method, scheme, host } = request.arrival;
  const brokerage = brokerageOf({
    method,
    headers: request.headers,
    access: route.access,
    ownToken: session?.data.csrfToken,
    exempt: csrfExempt || provesItsOrigin(house, request),
    origin: `${scheme}://${host}`,
  });
  if (brokerage !== 'brokered') return undefined;
  const login = principal.kind === 'user' ? principal.tokenHash : '';
  if (session !== undefined)
    return { owner: session.id, as: `${session.data.createdAt} ${login}`, fillsJar: !route.setBackendSessionCookies };
  if (login !== '') return { owner: `program ${login}`, as: login, fillsJar: false };
  return { owner: undefined, as: '', fillsJar: !route.setBackendSessionCookies };
}
