import type { Arrival } from '../accept/arrival.ts';
import type { Target } from '../destinations/read-target.ts';
import type { Credential } from '../tokens/credential.ts';
import { connectionIn, hopByHopTest } from './hop-by-hop.ts';

/** Everything the upstream's request headers are made of. */
export interface OutgoingInput {
  /** Name, value, name, value… as they came (node's rawHeaders). */
  readonly rawHeaders: readonly string[];
  readonly arrival: Arrival;
  readonly target: Target;
  readonly credential: Credential;
  /** The client's Authorization must not pass even without a credential: the destination expects ours or none. */
  readonly hideAuthorization: boolean;
  /** Cookie header for the upstream: the client's without ours, plus what was kept for this destination. */
  readonly cookie: string | undefined;
  /** x-csrf-token was for us (xs-app.md section 7). */
  readonly hideCsrfToken: boolean;
  /** Name of the XSUAA zone, sent as `tenantid` (xs-app.md 8.1). */
  readonly tenantId: string | undefined;
  /** The backend is asked for its timings too (xs-app.md 8.9). */
  readonly statistics?: boolean;
  /** Headers that hand the trace on, ours in place of the client's: name, value, name, value… */
  readonly trace?: readonly string[] | undefined;
}

/** What clients must not be able to say to an upstream: it would speak as the platform or as us (T-13). */
const neverPassed = new Set([
  'cookie',
  'expect',
  'forwarded',
  'host',
  'proxy', // for CGI the proxy of the server itself (httpoxy, CVE-2016-5385)
  'sap-connectivity-authentication',
  'sap-connectivity-scc-location-id',
  'sap-connectivity-technical-authentication',
  'tenantid',
  'x-forwarded-client-cert',
  'x-ias-token',
]);
/** Names that CGI could take for another (RFC 3875 4.1.18: lax servers make `_` of all but letters and digits). */
const odd = /[^a-z0-9-]/;
const odds = /[^a-z0-9]/g;

/**
 * The client's headers → the upstream's. Pure. What we set replaces what the client sent under the same name, also
 * under its aliases, in which something else stands for a `-`: WSGI and CGI servers cannot tell them apart (T-10).
 * @returns name, value, name, value… for undici
 */
export function outgoingHeaders(input: OutgoingInput): string[] {
  const { rawHeaders, arrival, target, credential } = input;
  const isHopByHop = hopByHopTest(connectionIn(rawHeaders));
  const { trace } = input;
  const credentialName = credential.kind === 'header' ? credential.name.toLowerCase() : undefined;
  const isReplaced = (name: string): boolean =>
    neverPassed.has(name) ||
    name === credentialName ||
    (name === 'authorization' && (credentialName !== undefined || input.hideAuthorization)) ||
    (name === 'x-csrf-token' && input.hideCsrfToken) ||
    (trace?.some((named, i) => i % 2 === 0 && named === name) ?? false);

  const outgoing: string[] = [];
  const passed = new Set<string>();
  let forwardedFor: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    const lower = name.toLowerCase();
    const canonical = odd.test(lower) ? lower.replace(odds, '-') : lower;
    const alias = canonical !== lower;
    if (lower === 'te' && value === 'trailers') outgoing.push(name, value);
    if (isHopByHop(lower) || isReplaced(canonical) || canonical.startsWith('x-approuter-')) continue;
    if (alias && (isForwarding(canonical) || isHopByHop(canonical) || Object.hasOwn(target.headers, canonical)))
      continue;
    if (value === '' && saysNothingEmpty(canonical)) continue;
    if (isForwarding(canonical)) {
      if (!arrival.trusted || !target.setXForwardedHeaders) continue;
      if (lower === 'x-forwarded-for') {
        forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`;
        continue;
      }
    }
    passed.add(lower);
    outgoing.push(name, value);
  }
  const add = (name: string, value: string) => {
    if (!passed.has(name)) outgoing.push(name, value);
  };
  if (trace !== undefined) outgoing.push(...trace);
  if (input.cookie !== undefined) outgoing.push('cookie', input.cookie);
  if (credential.kind === 'header') outgoing.push(credential.name, credential.value);
  if (target.preserveHostHeader) outgoing.push('host', arrival.host);
  if (target.setXForwardedHeaders) {
    add('x-forwarded-host', arrival.host);
    add('x-forwarded-proto', arrival.scheme);
    add('x-forwarded-path', arrival.path);
    outgoing.push('x-forwarded-for', forwardedFor === undefined ? arrival.peer : `${forwardedFor}, ${arrival.peer}`);
  }
  if (arrival.id !== '' && !passed.has('x-correlation-id')) add('x-correlationid', arrival.id);
  if (input.tenantId !== undefined) outgoing.push('tenantid', input.tenantId);
  if (input.statistics) add('sap-statistics', 'true');
  for (const [name, value] of Object.entries(target.headers)) if (!isReplaced(name)) add(name, value);
  return outgoing;
}

/** Who asked what where, as proxies tell it; some frameworks serve another path than the one we judged by two of them (CVE-2018-14773). */
const forwarding: ReadonlySet<string> = new Set(['x-real-ip', 'x-custom-host', 'x-original-url', 'x-rewrite-url']);

/** As good as not sent: what is true is told in its place. */
function saysNothingEmpty(name: string): boolean {
  return name === 'x-correlation-id' || name === 'x-correlationid' || isForwarding(name);
}

function isForwarding(name: string): boolean {
  return name.startsWith('x-forwarded-') || forwarding.has(name);
}
