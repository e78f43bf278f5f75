import { randomUUID } from 'node:crypto';
import { authenticate } from './authenticate.ts';
import type { GraphRequest, GraphResponse } from './exchange.ts';
import { GraphError } from './graph-error.ts';
import { readResource } from './resources.ts';
import type { GraphTenant } from './tenant.ts';

/** Identifies one exchange in headers and error bodies (token-flows.md B2). */
export interface Correlation {
  readonly requestId: string;
  readonly clientRequestId: string;
}

/** A new correlation; the client's own id is echoed when it sent one. */
export function correlate(clientRequestId: string | undefined): Correlation {
  const requestId = randomUUID();
  return { requestId, clientRequestId: clientRequestId ?? requestId };
}

/** Answers one request, whether it came by HTTP or inside a $batch: token, throttling, permission, data. */
export function answer(request: GraphRequest, tenant: GraphTenant, correlation: Correlation): GraphResponse {
  try {
    const caller = authenticate(request.authorization, tenant);
    refuseWhenThrottled(tenant);
    return { status: 200, headers: {}, body: readResource(request, caller, tenant) };
  } catch (problem) {
    if (problem instanceof GraphError) return refuse(problem, correlation);
    throw problem;
  }
}

/** The error body of token-flows.md B3. */
export function refuse({ status, code, message, headers }: GraphError, correlation: Correlation): GraphResponse {
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    'request-id': correlation.requestId,
    'client-request-id': correlation.clientRequestId,
  };
  return { status, headers, body: { error: { code, message, innerError } } };
}

function refuseWhenThrottled({ state }: GraphTenant): void {
  if (state.throttle.remaining === 0) return;
  state.throttle.remaining -= 1;
  const retryAfter = String(state.throttle.retryAfterSeconds);
  throw new GraphError(429, 'TooManyRequests', 'Too many requests.', { 'Retry-After': retryAfter });
}
