import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Request } from 'express';
import { EntraError } from './errors.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The error JSON of token-flows.md A8. */
export function errorBody(problem: EntraError, request: Pick<Request, 'headers'>): Record<string, unknown> {
  const asked = request.headers['client-request-id'];
  const correlationId = typeof asked === 'string' && guid.test(asked) ? asked : randomUUID();
  const traceId = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: problem.error,
    error_description:
      `AADSTS${problem.code}: ${problem.message} Trace ID: ${traceId} ` +
      `Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [problem.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${problem.code}`,
    ...(problem.suberror ? { suberror: problem.suberror } : {}),
    ...(problem.claims ? { claims: problem.claims } : {}),
  };
}

/** Token answers are never cached (token-flows.md A6). */
export const noStore = Object.freeze({ 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache', Expires: '-1' });

/** The one place of the authority's own endpoints that answers an error. */
export const answerError: ErrorRequestHandler = (problem, request, response, next) => {
  if (!(problem instanceof EntraError)) return next(problem);
  if (problem.retryAfterSeconds !== undefined) response.set('Retry-After', String(problem.retryAfterSeconds));
  response.status(problem.status).set(noStore).json(errorBody(problem, request));
};
