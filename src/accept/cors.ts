import { AppError } from '../errors/app-error.ts';
import type { Arrival } from './arrival.ts';
import { type OriginEntry, originTest } from './origins.ts';

/** Entry of `cors` as configured (xs-app.md 8.4). */
export interface CorsEntry {
  readonly uriPattern: string;
  readonly hostPattern?: string | undefined;
  readonly allowedOrigin: readonly OriginEntry[];
  readonly allowedMethods?: readonly string[] | undefined;
  readonly allowedHeaders?: readonly string[] | undefined;
  readonly exposeHeaders?: readonly string[] | undefined;
  readonly allowedCredentials?: boolean | undefined;
  readonly maxAge?: number | string | undefined;
}

/** What CORS says of a request: nothing, headers for the answer, or the answer itself. */
export type CorsVerdict =
  | { readonly kind: 'none' }
  /** Another origin would be answered otherwise; a shared cache must know (Fetch, "CORS protocol and HTTP caches"). */
  | { readonly kind: 'varies'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'allowed'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'preflight'; readonly headers: Readonly<Record<string, string>> };

export type Cors = (arrival: Arrival, headers: CorsRequestHeaders) => CorsVerdict;

export interface CorsRequestHeaders {
  readonly origin?: string | undefined;
  readonly 'access-control-request-method'?: string | undefined;
}

const none: CorsVerdict = { kind: 'none' };
const varies: CorsVerdict = { kind: 'varies', headers: { Vary: 'Origin' } };
const defaultMethods = ['GET', 'POST', 'HEAD', 'OPTIONS'];
const defaultHeaders = [
  'Origin',
  'Accept',
  'X-Requested-With',
  'Content-Type',
  'Access-Control-Request-Method',
  'Access-Control-Request-Headers',
];

/** Compiles the rules; the first entry whose path and host match decides. */
export function createCors(entries: readonly CorsEntry[]): Cors {
  const rules = entries.map((entry) => ({
    path: new RegExp(entry.uriPattern),
    host: entry.hostPattern === undefined ? undefined : new RegExp(entry.hostPattern),
    allowsOrigin: originTest(entry.allowedOrigin),
    methods: entry.allowedMethods ?? defaultMethods,
    actual: actualHeaders(entry),
    preflight: preflightHeaders(entry),
  }));
  return (arrival, { origin, 'access-control-request-method': asked }) => {
    const rule = rules.find(
      ({ path, host }) => path.test(arrival.path) && (host === undefined || host.test(arrival.host)),
    );
    if (rule === undefined) return none;
    if (origin === undefined || isOwn(origin, arrival)) return varies;
    const isPreflight = arrival.method === 'OPTIONS' && asked !== undefined;
    if (!rule.allowsOrigin(origin) || !rule.methods.includes(isPreflight ? asked : arrival.method))
      throw new AppError({ code: 'ERR_FORBIDDEN', status: 403, headers: { vary: 'Origin' } });
    const allowed = { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' };
    return isPreflight
      ? { kind: 'preflight', headers: { ...allowed, ...rule.preflight } }
      : { kind: 'allowed', headers: { ...allowed, ...rule.actual } };
  };
}

/** Our own origin is same-origin, whatever the rules say (xs-app.md 8.4, open). */
function isOwn(origin: string, { scheme, host }: Arrival): boolean {
  return origin.toLowerCase() === `${scheme}://${host}`.toLowerCase();
}

function credentials(entry: CorsEntry): Record<string, string> {
  return (entry.allowedCredentials ?? true) ? { 'Access-Control-Allow-Credentials': 'true' } : {};
}

function actualHeaders(entry: CorsEntry): Record<string, string> {
  const exposed = entry.exposeHeaders?.length
    ? { 'Access-Control-Expose-Headers': entry.exposeHeaders.join(', ') }
    : {};
  return { ...credentials(entry), ...exposed };
}

function preflightHeaders(entry: CorsEntry): Record<string, string> {
  const maxAge = Number(entry.maxAge ?? 1800);
  return {
    ...credentials(entry),
    ...(maxAge >= 0 ? { 'Access-Control-Max-Age': String(maxAge) } : {}),
    'Access-Control-Allow-Methods': (entry.allowedMethods ?? defaultMethods).join(', '),
    'Access-Control-Allow-Headers': (entry.allowedHeaders ?? defaultHeaders).join(', '),
  };
}
