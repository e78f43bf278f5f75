import { createHash } from 'node:crypto';
import type { ForwardProxy } from '../config/forward-proxy.ts';
import type { DestinationContext } from './destination-context.ts';
import { isDestinationName } from './destination-name.ts';
import type { Properties } from './properties.ts';
import { type CsrfFetch, readCsrfFetch } from './read-csrf-fetch.ts';
import { readHeaders } from './read-headers.ts';
import { readEnvironmentProxy, readOwnProxy } from './read-proxy.ts';
import { readSeconds } from './read-seconds.ts';
import { readUrl } from './read-url.ts';
import type { ClientTls } from './tls.ts';

/** What every destination has, whatever its authentication. */
export interface Target {
  readonly name: string;
  /**
   * Under what a session keeps this target's cookies. The name, where the configuration says what that is; what somebody
   * else may rename and move, and has per tenant, is told apart by where it comes from and where it leads.
   */
  readonly jar: string;
  /** Base URL, without credentials, query or fragment; path without trailing slash except for the root. */
  readonly url: URL;
  /** SHA-256 over the whole configuration, secrets and key stores included: the destination's part of a token's cache key. */
  readonly fingerprint: string;
  /** Milliseconds until the upstream must have begun to answer (504 afterwards). */
  readonly timeout: number;
  /** Milliseconds until a connection to it must stand, encryption included. */
  readonly connectTimeout: number;
  /** Milliseconds of silence in an answer's body after which it is given up; event streams are never. */
  readonly idleTimeout: number;
  readonly setXForwardedHeaders: boolean;
  readonly preserveHostHeader: boolean;
  /** May be named by a route's `$n` or `*`. */
  readonly dynamic: boolean;
  /** Sent unless the request already has them. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly queries: Readonly<Record<string, string>>;
  readonly tls: ClientTls;
  readonly proxy: ForwardProxy | undefined;
  /** The router gets the CSRF tokens that it demands; undefined: they are its clients' business. */
  readonly csrf: CsrfFetch | undefined;
}

/** Reads what xs-app.md 5.1 and 5.2 and destination-service.md 2.1 say of every HTTP destination. */
export function readTarget(
  p: Properties,
  { file, env, origin }: DestinationContext,
): Omit<Target, 'fingerprint' | 'tls'> {
  const name = p.required('Name', 'give the name that routes use');
  // What others wrote was found by its name already.
  if (name !== '' && origin === undefined && !isDestinationName(name)) {
    p.problem('Name', 'must consist of letters, digits, "_", "-" and ".", not begin with ".", and have at most 200');
  }
  const url = readUrl(p, 'URL', 'give the base URL of the target', { query: false });
  if (url.pathname.length > 1) url.pathname = url.pathname.replace(/\/+$/, '');
  const headers = readHeaders(p, 'URL.headers.');
  const client = p.text('sap-client');
  const silence = readSeconds(p, 'URL.socketReadTimeoutInSeconds', 600, undefined);
  const isPrivate = p.text('ProxyType')?.trim().toLowerCase() === 'privatelink';
  return {
    name,
    jar: origin === undefined ? name : `${name} ${digest(origin, url.origin)}`,
    url,
    timeout: p.wholeNumber('HTML5.Timeout', 1, 2_147_483_647) ?? silence ?? 30_000,
    connectTimeout: readSeconds(p, 'URL.connectionTimeoutInSeconds', 60, 10_000),
    idleTimeout: silence ?? 300_000,
    setXForwardedHeaders: p.flag('HTML5.SetXForwardedHeaders', true),
    preserveHostHeader: p.flag('HTML5.PreserveHostHeader', false),
    // Those of the environment need no mark (xs-app.md 3.5).
    dynamic: p.flag('HTML5.DynamicDestination', file === 'destinations'),
    headers: client === undefined ? headers : { 'sap-client': client, ...headers },
    queries: p.family('URL.queries.'),
    proxy: readOwnProxy(p) ?? (isPrivate ? undefined : readEnvironmentProxy(p, 'URL', url, env)),
    csrf: readCsrfFetch(p, url),
  };
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
