import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { FollowedRequest, StepEnded, StepKind, StepKinds } from './event.ts';
import type { Listener } from './observer.ts';

type Api = typeof import('@opentelemetry/api');

/** Where the API package keeps what was registered, whichever copy of it did so (its major version 1). */
const registry = Symbol.for('opentelemetry.js.api.1');

/**
 * Makes spans when a tracer provider is registered, as by `node --import`; looked up once, at start. The package may well
 * be installed without anybody wanting spans (prom-client brings it), so only a provider counts; without one the package
 * is not even loaded.
 */
export async function openTelemetry(): Promise<Listener | undefined> {
  const registered = (globalThis as { readonly [registry]?: { readonly trace?: unknown } })[registry];
  if (registered?.trace === undefined) return undefined;
  return makeSpans(await import('@opentelemetry/api'));
}

/** A server span a request, and below it a span for each step (semantic conventions of HTTP, the stable ones). */
export function makeSpans(api: Api): Listener {
  const { context, propagation, trace, SpanKind, SpanStatusCode } = api;
  const tracer = trace.getTracer('portunus');
  const requests = new WeakMap<FollowedRequest, Held>();
  const steps = new WeakMap<object, Held>();

  const parentOf = ({ facts, trace: named }: FollowedRequest): Context => {
    const extracted = propagation.extract(context.active(), facts.traceHeaders);
    if (named === undefined || trace.getSpanContext(extracted) !== undefined) return extracted;
    // A provider that registered no propagator: W3C's is understood all the same.
    const { traceId, spanId, flags: traceFlags } = named;
    return trace.setSpanContext(extracted, { traceId, spanId, traceFlags, isRemote: true });
  };
  const hold = (span: Span, parent: Context): Held => ({ span, context: trace.setSpan(parent, span) });
  const fail = (span: Span, type: string) => {
    span.setAttribute('error.type', type);
    span.setStatus({ code: SpanStatusCode.ERROR });
  };

  return {
    followsRequests: true,
    around(way, work) {
      const held = requests.get(way);
      return held === undefined ? work() : context.with(held.context, work);
    },
    propagate(step) {
      const held = steps.get(step);
      if (held === undefined) return [];
      const carrier: Record<string, string> = {};
      propagation.inject(held.context, carrier);
      const { traceId, spanId, traceFlags } = held.span.spanContext();
      if (Object.keys(carrier).length === 0 && api.isValidTraceId(traceId))
        carrier['traceparent'] = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
      return Object.entries(carrier).flat();
    },
    hear(event) {
      switch (event.kind) {
        case 'request-begun': {
          const { way } = event;
          const parent = parentOf(way);
          const { method } = way.facts;
          const options = { kind: SpanKind.SERVER, startTime: way.begunAt, attributes: requestAttributes(way) };
          const span = tracer.startSpan(method, options, parent);
          requests.set(way, hold(span, parent));
          const { traceId, spanId, traceFlags: flags } = span.spanContext();
          if (api.isValidTraceId(traceId)) way.trace = { traceId, spanId, flags };
          return;
        }
        case 'routed': {
          const span = requests.get(event.way)?.span;
          span?.updateName(`${event.way.facts.method} ${event.leadsTo.source}`);
          span?.setAttributes({ 'http.route': event.leadsTo.source, 'portunus.route': event.leadsTo.name });
          return;
        }
        case 'step-begun': {
          const { step } = event;
          const parent = requests.get(step.way)?.context ?? context.active();
          const { name, attributes } = described[step.kind](step.facts as never);
          const kind = calls.has(step.kind) ? SpanKind.CLIENT : SpanKind.INTERNAL;
          steps.set(step, hold(tracer.startSpan(name, { kind, startTime: step.begunAt, attributes }, parent), parent));
          return;
        }
        case 'step-ended': {
          const span = steps.get(event.step)?.span;
          if (span === undefined) return;
          if (event.outcome.failed) fail(span, event.outcome.code);
          else span.setAttributes(broughtAttributes(event));
          if (event.of === 'backend' && !event.outcome.failed && event.outcome.status >= 400)
            fail(span, String(event.outcome.status));
          return span.end();
        }
        case 'request-ended': {
          const span = requests.get(event.way)?.span;
          const { status, code } = event.answer;
          span?.setAttribute('http.response.status_code', status);
          if (status >= 500 && span) fail(span, code ?? String(status));
          return span?.end();
        }
        case 'looked-for-route':
        case 'judged':
        case 'error-answered':
        case 'audit':
        case 'renewed':
        case 'reloaded':
          return;
      }
    },
  };
}

interface Held {
  readonly span: Span;
  readonly context: Context;
}

/** Steps that ask somebody else. */
const calls: ReadonlySet<StepKind> = new Set(['token', 'provider', 'backend']);

function requestAttributes({ facts }: FollowedRequest): Attributes {
  const { hostname, port } = URL.parse(`${facts.scheme}://${facts.host}`) ?? { hostname: facts.host, port: '' };
  return {
    'http.request.method': facts.method,
    'url.path': facts.path,
    'url.scheme': facts.scheme,
    'server.address': hostname,
    ...(port === '' ? {} : { 'server.port': Number(port) }),
    'network.protocol.version': facts.httpVersion,
    'network.peer.address': facts.peer,
    ...(facts.userAgent === undefined ? {} : { 'user_agent.original': facts.userAgent }),
    'portunus.request_id': facts.id,
  };
}

type Described = { readonly name: string; readonly attributes: Attributes };

/** Each kind of step as a span. */
const described: { readonly [K in StepKind]: (facts: StepKinds[K]['facts']) => Described } = {
  session: () => ({ name: 'session', attributes: {} }),
  credential: ({ destination, authentication }) => ({
    name: 'credential',
    attributes: { 'portunus.destination': destination, 'portunus.authentication': authentication },
  }),
  token: ({ destination, grant, url }) => ({
    name: `token ${grant}`,
    attributes: { ...called('POST', url), 'portunus.destination': destination, 'portunus.grant_type': grant },
  }),
  provider: ({ provider, purpose }) => ({ name: `provider ${purpose}`, attributes: { 'portunus.provider': provider } }),
  csrf: ({ destination, url }) => ({
    name: 'csrf token',
    attributes: { 'url.full': url, 'portunus.destination': destination },
  }),
  backend: ({ destination, method, url, resend }) => ({
    name: method,
    attributes: {
      ...called(method, url),
      'portunus.destination': destination,
      ...(resend === 0 ? {} : { 'http.request.resend_count': resend }),
    },
  }),
};

function called(method: string, url: string): Attributes {
  const { hostname, port, protocol } = new URL(url);
  return {
    'http.request.method': method,
    'url.full': url,
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
  };
}

function broughtAttributes({ of, outcome }: { readonly [K in StepKind]: StepEnded<K> }[StepKind]): Attributes {
  if (of === 'backend' && !outcome.failed) return { 'http.response.status_code': outcome.status };
  if (of === 'credential' && !outcome.failed) return { 'portunus.credential': outcome.source };
  if (of === 'csrf' && !outcome.failed) return { 'portunus.csrf_token': outcome.source };
  return {};
}
