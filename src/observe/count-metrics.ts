import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AuditEvent } from './audit-event.ts';
import type { StepEnded, StepKind } from './event.ts';
import { boundedLabel, methodLabel, statusLabel } from './label-values.ts';
import { type MetricName, type MetricRow, metricTable } from './metric-table.ts';
import type { Listener } from './observer.ts';

/** What is looked at when a scrape comes. */
export interface Gauged {
  readonly pools: () => readonly PoolUse[];
  readonly certificates: () => readonly OwnCertificate[];
  /** Names of destinations that have a pause. */
  readonly paused: () => readonly string[];
  /** How many things of a kind are held; undefined: they are held elsewhere. */
  readonly held: () => { readonly [N in Held]: number | undefined };
}

type Held = 'portunus_sessions' | 'portunus_tokens_kept' | 'portunus_live_sessions';

export interface PoolUse {
  readonly origin: string;
  readonly connected: number;
  readonly idle: number;
  readonly queued: number;
}

export interface OwnCertificate {
  /** Destination or provider that shows it. */
  readonly owner: string;
  /** CN. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** Seconds: from what a memory store takes to what a backend is waited for. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const day = 86_400_000;

export interface Metrics extends Listener {
  readonly contentType: string;
  /** The scrape. */
  text(): Promise<string>;
}

/** Counts what happens in a registry of its own. This file is loaded for those who want metrics. */
export function countMetrics(gauged: Gauged, now: () => number = Date.now): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const names = Object.entries(metricTable) as [MetricName, MetricRow][];
  const options = (name: MetricName) => {
    const { help, labels } = metricTable[name];
    return { name, help, labelNames: [...labels] as string[], registers: [registry] };
  };
  const ofType = <M>(type: MetricRow['type'], make: (name: MetricName) => M) =>
    Object.fromEntries(names.filter(([, row]) => row.type === type).map(([name]) => [name, make(name)])) as {
      readonly [N in MetricName]: M;
    };
  const counters = ofType('counter', (name) => new Counter(options(name)));
  const histograms = ofType('histogram', (name) => new Histogram({ ...options(name), buckets }));
  const gauges = ofType('gauge', (name) => new Gauge(options(name)));
  const bounded = {
    route: boundedLabel(),
    destination: boundedLabel(),
    provider: boundedLabel(),
    grant: boundedLabel(),
  };

  const ended: { readonly [K in StepKind]: (event: StepEnded<K>) => void } = {
    session: ({ outcome, milliseconds }) =>
      histograms.portunus_session_load_duration_seconds.observe({ outcome: wordFor(outcome) }, milliseconds / 1000),
    credential({ step: { facts }, outcome }) {
      const cache = !facts.ages ? 'shown' : !outcome.failed && outcome.source === 'at-hand' ? 'hit' : 'miss';
      counters.portunus_credentials_total.inc({ destination: bounded.destination(facts.destination), cache });
    },
    token: ({ step: { facts }, outcome, milliseconds }) =>
      histograms.portunus_token_request_duration_seconds.observe(
        {
          destination: bounded.destination(facts.destination),
          grant: bounded.grant(facts.grant),
          outcome: wordFor(outcome),
        },
        milliseconds / 1000,
      ),
    provider: ({ step: { facts }, outcome, milliseconds }) =>
      histograms.portunus_provider_request_duration_seconds.observe(
        { provider: bounded.provider(facts.provider), purpose: facts.purpose, outcome: wordFor(outcome) },
        milliseconds / 1000,
      ),
    csrf: ({ step: { facts }, outcome }) =>
      counters.portunus_csrf_tokens_total.inc({
        destination: bounded.destination(facts.destination),
        outcome: outcome.failed ? 'failed' : outcome.source,
      }),
    backend: ({ step: { facts }, outcome, milliseconds }) =>
      histograms.portunus_backend_duration_seconds.observe(
        {
          destination: bounded.destination(facts.destination),
          status: outcome.failed ? 'failed' : statusLabel(outcome.status),
        },
        milliseconds / 1000,
      ),
  };
  const audited: { readonly [E in AuditEvent['event']]: (audit: Extract<AuditEvent, { event: E }>) => void } = {
    login: ({ user }) =>
      counters.portunus_logins_total.inc({ provider: bounded.provider(user.provider), outcome: 'ok' }),
    'login-failed': ({ provider = 'unknown' }) =>
      counters.portunus_logins_total.inc({ provider: bounded.provider(provider), outcome: 'failed' }),
    logout: ({ by }) => counters.portunus_logouts_total.inc({ by }),
    refused: ({ reason }) => counters.portunus_refusals_total.inc({ reason }),
    'renewal-failed': ({ user }) =>
      counters.portunus_renewals_total.inc({ provider: bounded.provider(user.provider), outcome: 'failed' }),
  };

  return {
    followsRequests: true,
    contentType: registry.contentType,
    async text() {
      lookAround(gauges, gauged, now());
      return registry.metrics();
    },
    hear(event) {
      switch (event.kind) {
        case 'request-begun':
          return gauges.portunus_requests_in_flight.inc();
        case 'request-ended': {
          const { leadsTo, facts } = event.way;
          const route = leadsTo === undefined ? 'none' : bounded.route(leadsTo.name);
          gauges.portunus_requests_in_flight.dec();
          counters.portunus_requests_total.inc({
            route,
            method: methodLabel(facts.method),
            status: statusLabel(event.answer.status),
          });
          return histograms.portunus_request_duration_seconds.observe({ route }, event.answer.milliseconds / 1000);
        }
        case 'step-ended':
          return ended[event.of](event as never);
        case 'renewed':
          return counters.portunus_renewals_total.inc({ provider: bounded.provider(event.provider), outcome: 'ok' });
        case 'reloaded':
          return counters.portunus_reloads_total.inc({ outcome: event.outcome });
        case 'audit':
          return audited[event.audit.event](event.audit as never);
        case 'looked-for-route':
        case 'routed':
        case 'judged':
        case 'error-answered':
        case 'step-begun':
          return;
      }
    },
  };
}

function wordFor({ failed }: { readonly failed: boolean }): 'ok' | 'failed' {
  return failed ? 'failed' : 'ok';
}

/** What changes without an event: connections, certificates, what is held. */
function lookAround(
  gauges: { readonly [N in MetricName]: Gauge },
  { pools, certificates, paused, held }: Gauged,
  now: number,
): void {
  const { portunus_backend_connections: connections, portunus_backend_queued_requests: queued } = gauges;
  const { portunus_certificate_expiry_days: expiry } = gauges;
  const { portunus_destination_paused: pauses } = gauges;
  for (const gauge of [connections, queued, expiry, pauses]) gauge.reset();
  for (const [name, count] of Object.entries(held()) as [Held, number | undefined][]) {
    if (count === undefined) gauges[name].remove();
    else gauges[name].set(count);
  }
  for (const destination of paused()) pauses.set({ destination }, 1);
  // Several pools may lead to one origin, each with a certificate of its own.
  for (const { origin, ...use } of pools()) {
    connections.inc({ origin, state: 'connected' }, use.connected);
    connections.inc({ origin, state: 'idle' }, use.idle);
    queued.inc({ origin }, use.queued);
  }
  for (const { owner, subject, endsAt } of certificates())
    expiry.set({ owner, subject }, Math.floor(((endsAt - now) / day) * 100) / 100);
}
