import type { RequestHandler } from 'express';
import { parseForm } from './form.ts';
import { readTarget } from './target.ts';

export type ServiceName = 'entra' | 'graph' | 'successFactors' | 'ias' | 'costCenters';

/** One request a service received. What may be secret hides in `full`, which neither JSON.stringify nor console.log shows. */
export interface Call {
  readonly service: ServiceName;
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** `grant_type` of a token request. */
  readonly grant: string | undefined;
  /** Values of the few headers that never hold a secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** undefined until answered. */
  readonly status: number | undefined;
  /** For tests, in memory only: everything, tokens and secrets included. */
  readonly full: { readonly query: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** What was called, by service, in order of arrival. */
export interface Calls extends Readonly<Record<ServiceName, readonly Call[]>> {
  /** Forgets everything recorded so far. */
  clear(): void;
}

export interface CallRecorder {
  readonly calls: Calls;
  /** Records each request of a service; stands behind `rawBody` where bodies matter. */
  record(service: ServiceName): RequestHandler;
}

/** Calls remembered of each service: a demo may run for days. */
const kept = 1000;

const harmless = [
  'accept',
  'content-type',
  'user-agent',
  'client-request-id',
  'traceparent',
  'x-correlation-id',
  'host',
];

export function makeCallRecorder(): CallRecorder {
  const lists: Record<ServiceName, Call[]> = { entra: [], graph: [], successFactors: [], ias: [], costCenters: [] };
  const clear = () => {
    for (const list of Object.values(lists)) list.length = 0;
  };
  const record =
    (service: ServiceName): RequestHandler =>
    (request, response, next) => {
      const { path, query } = readTarget(request.originalUrl);
      const body = typeof request.body === 'string' ? request.body : '';
      const headers = flatten(request.headers);
      const call = {
        service,
        method: request.method,
        path,
        grant: parseForm(body).fields.get('grant_type') ?? parseForm(query).fields.get('grant_type'),
        headers: Object.freeze(Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.includes(name)))),
        status: undefined as number | undefined,
      };
      const full = Object.freeze({ query, headers: Object.freeze(headers), body });
      if (lists[service].length >= kept) lists[service].shift();
      lists[service].push(Object.defineProperty(call, 'full', { value: full, enumerable: false }) as Call);
      response.once('close', () => {
        call.status = response.statusCode;
      });
      next();
    };
  return Object.freeze({ calls: Object.freeze({ ...lists, clear }), record });
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flat[name] = [value].flat().join(', ');
  return flat;
}
