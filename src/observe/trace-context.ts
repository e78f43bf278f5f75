import type { IncomingHttpHeaders } from 'node:http';

/** Where a request stands in a trace of W3C (Trace Context 3.2), in lower-case hex. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

// Version ff is forbidden; later versions may have more fields behind a dash (Trace Context 3.2.2.1, 4.3).
const form = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads `traceparent`. @returns undefined when there is none or it is malformed (3.2: then it is ignored) */
export function readTraceparent(value: string | string[] | undefined): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = (typeof value === 'string' && form.exec(value)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** W3C, B3 (Zipkin), Jaeger, AWS, Google: what propagators of OpenTelemetry read. */
const notations = [
  ...['traceparent', 'tracestate', 'baggage', 'b3', 'uber-trace-id', 'x-amzn-trace-id', 'x-cloud-trace-context'],
  ...['traceid', 'spanid', 'parentspanid', 'sampled', 'flags'].map((name) => `x-b3-${name}`),
];

/** The headers of a request that hand on a trace. */
export function traceHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of notations) {
    const value = headers[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}

const validId = /^[\w.-]{8,128}$/;

/**
 * What ties our log lines to those of others: the caller's correlation id, else the id of the platform's router, else the
 * trace it is part of, else our own id. Anybody may say it: it decides nothing, and its form is checked.
 */
export function correlationId(headers: IncomingHttpHeaders, id: string): string {
  for (const name of ['x-correlation-id', 'x-correlationid', 'x-vcap-request-id'] as const) {
    const value = headers[name];
    if (typeof value === 'string' && validId.test(value)) return value;
  }
  return readTraceparent(headers['traceparent'])?.traceId ?? id;
}
