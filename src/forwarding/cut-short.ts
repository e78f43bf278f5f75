import type { ServerResponse } from 'node:http';
import { resetConnection } from './reset-connection.ts';

/**
 * Ends an answer in a way that nobody takes for its end. Where its end is the end of the connection (HTTP/1.0), an orderly one
 * would say just that (RFC 9112 8): the connection is reset.
 * @param sized the client knows how long the answer is
 */
export function cutShort(response: ServerResponse, sized: boolean, cause: Error): void {
  const { httpVersionMajor, socket } = response.req;
  if (httpVersionMajor === 1 && !sized && !response.chunkedEncoding) resetConnection(socket);
  response.destroy(cause);
}
