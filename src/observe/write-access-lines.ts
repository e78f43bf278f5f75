import type { FollowedRequest, RequestEnd } from './event.ts';
import type { Journal } from './log.ts';
import type { AccessLine } from './log-line.ts';
import type { Listener } from './observer.ts';

/** One line a request (PORTUNUS_ACCESS_LOG). */
export function writeAccessLines(log: Pick<Journal, 'access'>): Listener {
  return {
    followsRequests: true,
    hear(event) {
      if (event.kind === 'request-ended') log.access(lineOf(event.way, event.answer));
    },
  };
}

const longest = 512;

function lineOf(way: FollowedRequest, answer: RequestEnd): AccessLine {
  const { facts, leadsTo, destination, spent, trace } = way;
  return {
    id: facts.id,
    correlation_id: facts.correlationId,
    trace_id: trace?.traceId,
    span_id: trace?.spanId,
    method: facts.method,
    path: facts.path.length > longest ? `${facts.path.slice(0, longest)}…` : facts.path,
    route: leadsTo?.name,
    destination,
    status: answer.status,
    code: answer.code,
    duration_ms: rounded(answer.milliseconds) ?? 0,
    session_ms: rounded(spent.session),
    credential_ms: rounded(spent.credential),
    csrf_ms: rounded(spent.csrf),
    backend_ms: rounded(spent.backend),
    bytes_in: answer.bytesIn,
    bytes_out: answer.bytesOut,
  };
}

function rounded(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 100) / 100;
}
