import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Destination } from '../../destinations/destination.ts';
import type { KeptCookie } from '../../session/session-data.ts';
import type { Credential } from '../../tokens/credential.ts';
import type { ForwardRules } from '../backend-call.ts';
import { fittingCookies, keepCookies } from '../backend-cookies.ts';
import { timeoutOf } from '../timeout-of.ts';
import { addressOf } from '../upstream-address.ts';
import type { FetchedToken } from './ask-for-token.ts';
import { type FetchPlace, fetchPlaceOf } from './fetch-place.ts';
import { type BrokeredTrip, fetchToken } from './fetch-token.ts';
import type { KeptToken, KeptTokens } from './kept-tokens.ts';

/** A backend's token, with the credential and the cookies it was issued to. */
export interface ObtainedToken {
  /** Undefined: the backend gives none. */
  readonly token: string | undefined;
  /** All kept cookies to be sent along. */
  readonly cookies: readonly KeptCookie[];
  /** Those of them that are in the jar. */
  readonly jar: readonly KeptCookie[];
  readonly credential: Credential;
  /** The backend has refused it: it is not to be used again. */
  readonly refuse: () => void;
}

/** Gets the token for a request: a kept one, no older than `maxAge` milliseconds, or a new one. */
export type ObtainToken = (
  request: Request,
  trip: BrokeredTrip,
  maxAge: number | undefined,
  credential?: Credential,
) => Promise<ObtainedToken>;

/**
 * Tokens by who asks with what for which place, fetched once for all who ask the same meanwhile.
 * @throws what `fetchToken`, and renewing a credential that was refused, throw
 */
export function createObtainToken(rules: ForwardRules, tokens: KeptTokens): ObtainToken {
  const flights = new Map<string, Promise<FetchedToken>>();

  const obtain: ObtainToken = async (request, trip, maxAge, credential = trip.credential) => {
    const { destination, brokering } = trip;
    const { owner } = brokering;
    const { origin, base, queries } = addressOf(destination);
    const requested = base + trip.path;
    const place = fetchPlaceOf({ configured: destination.csrf?.path, requested, queries });
    const key = keyOf(request, trip, credential, place);
    const known = (token: string | undefined) => ({
      credential,
      refuse: () => owner !== undefined && token !== undefined && tokens.refuse(owner, key, token),
    });
    const step = request.way?.begin('csrf', { destination: destination.name, url: origin + pathIn(place.path) });
    try {
      const kept = owner === undefined ? undefined : tokens.get(owner, key, maxAge);
      const jar = kept && jarFor(kept, request, trip, requested);
      if (kept !== undefined && jar !== undefined) {
        step?.end({ source: 'at-hand', asked: [] });
        return { token: kept.token, cookies: keepCookies(jar, kept.own), jar, ...known(kept.token) };
      }
      const question = { request, trip, credential, path: place.path, trace: step?.headers() };
      const fetched = await sharing(flights, owner && flightOf(owner, key, trip, place), async () => {
        const answer = await fetchToken(rules, question);
        await fillJar(trip, answer);
        return answer;
      });
      step?.end({ source: fetched.token === undefined ? 'none' : 'fetched', asked: fetched.asked });
      const { token, keep, own, ended, refused } = fetched;
      if (refused !== undefined && trip.renew !== undefined)
        return await obtain(request, { ...trip, renew: undefined }, maxAge, await trip.renew(refused.challenge));
      const filled = keepCookies(trip.keptCookies, keep, ended);
      const sent = (cookies: readonly KeptCookie[]) => sentTo(cookies, destination, place.path);
      if (token !== undefined && owner !== undefined)
        tokens.put(owner, key, { token, own: sent(own), bound: sent(filled), client: clientOf(trip) });
      return { token, cookies: keepCookies(filled, own), jar: filled, ...known(token) };
    } catch (cause) {
      step?.fail(cause);
      throw cause;
    }
  };
  return obtain;
}

/** Once for all who wait. */
async function fillJar({ brokering, keptCookies, keep }: BrokeredTrip, fetched: FetchedToken): Promise<void> {
  const gone = fetched.ended.filter((one) =>
    keptCookies.some(({ name, path }) => name === one.name && path === one.path),
  );
  if (brokering.fillsJar && fetched.keep.length + gone.length > 0) await keep(fetched.keep, gone);
}

/** Everything that a token is given for but the cookies: who asks, with which proof, for what (T-40). */
function keyOf({ headers }: Request, trip: BrokeredTrip, credential: Credential, { scope }: FetchPlace): string {
  const shown = credential.kind === 'header' ? [credential.name, credential.value] : [];
  const { as, fillsJar } = trip.brokering;
  const client = [headers.authorization, headers['sap-client']];
  return digest([as, fillsJar, trip.destination.fingerprint, shown, client, scope]);
}

/** Who asks the same with the same cookies waits for the same answer, and as long. */
function flightOf(owner: string, key: string, trip: BrokeredTrip, { path }: FetchPlace): string {
  return digest([owner, key, sentTo(trip.keptCookies, trip.destination, path), clientOf(trip), timeoutOf(trip)]);
}

/**
 * The jar with which a kept token is good for a request; undefined where it is not: it was issued to other cookies than
 * would be sent now. What was kept after the request came knows the jar better than the request does.
 */
function jarFor(
  kept: KeptToken & { readonly since: number },
  { arrival }: Request,
  trip: BrokeredTrip,
  requested: string,
): readonly KeptCookie[] | undefined {
  if (kept.client !== clientOf(trip)) return undefined;
  const jar = kept.since >= arrival.startedAt ? keepCookies(trip.keptCookies, kept.bound) : trip.keptCookies;
  const sent = sentTo(keepCookies(jar, kept.own), trip.destination, requested);
  const isSent = ({ name, value, path }: KeptCookie) =>
    sent.some((one) => one.name === name && one.value === value && one.path === path);
  return [...kept.bound, ...kept.own].every(isSent) ? jar : undefined;
}

function sentTo(jar: readonly KeptCookie[], { url }: Destination, path: string): readonly KeptCookie[] {
  return fittingCookies(jar, pathIn(path), url.protocol === 'https:');
}

/** Where no jar is filled, the backend's session may be the client's own affair, and then the token belongs to that. */
function clientOf({ brokering, clientCookie }: BrokeredTrip): string | undefined {
  return brokering.fillsJar ? undefined : clientCookie;
}

function pathIn(target: string): string {
  return target.split('?', 1)[0] ?? '/';
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** @param name undefined: nobody shares it */
function sharing<T>(flights: Map<string, Promise<T>>, name: string | undefined, begin: () => Promise<T>): Promise<T> {
  if (name === undefined) return begin();
  const underWay = flights.get(name);
  if (underWay !== undefined) return underWay;
  const flight = begin();
  flights.set(name, flight);
  const land = () => void flights.delete(name);
  flight.then(land, land);
  return flight;
}
