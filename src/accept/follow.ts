import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditOrigin } from '../observe/audit-event.ts';
import type { Observer } from '../observe/observer.ts';
import { correlationId, readTraceparent, traceHeaders } from '../observe/trace-context.ts';
import { Way } from '../observe/way.ts';

/**
 * Follows a request from here to the end of its answer, for who listens; when nobody does, nothing is made.
 * @param id its request id; `request.arrival` may be missing where it was refused before
 */
export function follow(
  observer: Observer,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
): Way | undefined {
  if (!observer.followsRequests) return undefined;
  const { headers, tunnel } = request;
  const arrival: IncomingMessage['arrival'] | undefined = request.arrival;
  const way = new Way(
    {
      id,
      correlationId: correlationId(headers, id),
      method: request.method ?? 'GET',
      path: (request.url ?? '/').split('?', 1)[0] ?? '/',
      scheme: arrival?.scheme ?? 'http',
      host: arrival?.host ?? '',
      peer: request.socket.remoteAddress ?? '',
      httpVersion: request.httpVersion,
      userAgent: headers['user-agent'],
      isUpgrade: tunnel !== undefined,
      traceHeaders: traceHeaders(headers),
    },
    readTraceparent(headers['traceparent']),
    observer,
  );
  observer.tell({ kind: 'request-begun', way });
  const socket = tunnel?.socket ?? request.socket;
  const before = socket.bytesWritten;
  const end = () =>
    way.end({
      status: statusOf(way, response),
      bytesOut: socket.bytesWritten - before,
      bytesIn: bytesIn(headers),
    });
  // A tunnel lasts as long as its connection; the answer object is put aside when it opens.
  if (tunnel === undefined) response.once('close', end);
  else tunnel.socket.once('close', end);
  return way;
}

/** 499: the client left before there was an answer; no code of HTTP's own says so, and this one is what others write. */
function statusOf(way: Way, response: ServerResponse): number {
  return way.upgraded ?? (response.headersSent ? response.statusCode : 499);
}

function bytesIn(headers: IncomingMessage['headers']): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  const length = Number(headers['content-length'] ?? 0);
  return Number.isSafeInteger(length) ? length : undefined;
}

/** With which request an audit event happened. @param route where the way is not followed and the caller knows it */
export function auditOrigin(request: IncomingMessage, route: string | undefined): AuditOrigin {
  const { arrival, headers, way } = request;
  return {
    id: arrival.id,
    correlationId: correlationId(headers, arrival.id),
    method: arrival.method,
    route: route ?? way?.leadsTo?.name,
    peer: arrival.peer,
  };
}
