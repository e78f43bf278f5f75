import type { Arrival } from '../accept/arrival.ts';
import type { Admitted } from '../authorization/authorize.ts';
import type { Compiled } from '../compile-config.ts';
import type { Config } from '../config/config.ts';
import type { Destination } from '../destinations/destination.ts';
import { brokerageOf } from '../forwarding/csrf/brokerage.ts';
import { fetchPlaceOf } from '../forwarding/csrf/fetch-place.ts';
import type { Brokering } from '../forwarding/trip.ts';
import { addressOf, withQueries } from '../forwarding/upstream-address.ts';
import { upstreamHeaders } from '../forwarding/upstream-headers.ts';
import { repeatsRequest } from '../routing/repeats-request.ts';
import { withoutCookies } from '../session/cookie-header.ts';
import { type Credential, noCredential } from '../tokens/credential.ts';
import type { Asked } from './asked.ts';
import type { UpstreamRequest } from './explanation.ts';

/** What the stages before have settled. */
export interface Going {
  readonly admitted: Admitted;
  readonly destination: Destination;
  readonly credential: Credential;
  /** Path and query behind the destination's URL. */
  readonly rewritten: string;
}

/** The request that the backend would get. */
export function showUpstream(config: Config, { hidesCookie }: Compiled, asked: Asked, going: Going): UpstreamRequest {
  const { method, url, host, scheme } = asked;
  const { admitted, destination, rewritten } = going;
  const { base, queries } = addressOf(destination);
  const path = withQueries(base + rewritten, queries);
  const isRepeated = repeatsRequest(method);
  const credential = isRepeated ? noCredential : going.credential;
  const cookie = isRepeated ? undefined : asked.headers['cookie'];
  const headers = { host, accept: '*/*', ...asked.headers };
  const { access } = admitted.route;
  const brokerage =
    destination.csrf &&
    brokerageOf({ method, headers, access, ownToken: undefined, exempt: false, origin: `${scheme}://${host}` });
  const arrival: Arrival = {
    id: 'id-of-the-request',
    startedAt: 0,
    method,
    url,
    path: url.split('?', 1)[0] ?? url,
    host,
    scheme,
    peer: 'address-of-the-client',
    trusted: false,
  };
  const xsuaa = config.providers.find((provider) => provider.kind === 'xsuaa');
  const sent = upstreamHeaders(
    { rawHeaders: Object.entries(headers).flat(), headers, arrival },
    {
      admitted,
      destination,
      authorizationIsOurs: false,
      clientCookie: withoutCookies(cookie, hidesCookie),
      keptCookies: [],
      brokering: brokerage === 'brokered' ? nobody : undefined,
    },
    credential,
    path,
    { tenantId: xsuaa?.zone, trace: undefined },
  );
  const pairs = Array.from({ length: sent.length / 2 }, (_, i) => ({
    name: sent[2 * i] ?? '',
    value: sent[2 * i + 1] ?? '',
  }));
  const passed = (name: string, value: string) =>
    pairs.some((pair) => pair.name.toLowerCase() === name && pair.value === value);
  // A connection writes the upstream's own host, unless one is set.
  const own = pairs.some(({ name }) => name === 'host') ? [] : [{ name: 'host', value: destination.url.host }];
  const token = brokerage === 'brokered' ? [{ name: 'x-csrf-token', value: 'the token that is fetched' }] : [];
  return {
    method,
    url: destination.url.origin + path,
    csrfToken: brokerage && { verdict: brokerage, url: destination.url.origin + fetchPath(destination, going) },
    headers: [...own, ...pairs, ...token].map(({ name, value }) => ({
      name,
      value: shownValueOf(name, value, credential),
    })),
    dropped: Object.entries(headers).flatMap(([name, value]) => (passed(name, value) ? [] : [name])),
  };
}

const nobody: Brokering = { owner: undefined, as: '', fillsJar: false };

function fetchPath(destination: Destination, { rewritten }: Going): string {
  const { base, queries } = addressOf(destination);
  return fetchPlaceOf({ configured: destination.csrf?.path, requested: base + rewritten, queries }).path;
}

/** What proves something is not shown, nor what is configured and may be a secret. */
function shownValueOf(name: string, value: string, credential: Credential): string {
  if (credential.kind === 'header' && name === credential.name) return `${value.split(' ', 1)[0]} […]`;
  if (/^(authorization|cookie)$|key|secret|token|passw/i.test(name)) return '[…]';
  return value;
}
