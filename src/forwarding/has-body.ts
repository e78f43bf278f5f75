import type { IncomingMessage } from 'node:http';

/** RFC 9112 6.3: a request has a body when it says how long it is, or that it is chunked. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}
