import { IncomingMessage } from 'node:http';
import type { Request } from 'express';

/** The same POST with another form, for the OP to read: the first body has been read already. */
export function replay(request: Request, form: URLSearchParams): IncomingMessage {
  const body = form.toString();
  const inner = new IncomingMessage(request.socket);
  inner.method = 'POST';
  // Otherwise node takes the end of this message for a client that went away, and closes the connection.
  inner.complete = true;
  inner.url = request.originalUrl;
  const correlation = request.get('client-request-id');
  inner.headers = {
    host: request.get('host') ?? '',
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
    ...(correlation ? { 'client-request-id': correlation } : {}),
  };
  inner.push(body);
  inner.push(null);
  return inner;
}
