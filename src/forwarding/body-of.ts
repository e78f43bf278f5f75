import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { collectStreamed } from './collect-streamed.ts';

type Listener = (...values: unknown[]) => void;

/**
 * A request's body, for undici to send on: as much of a stream as undici uses of one. Not the request itself: undici
 * destroys the body of a request that fails, and with it the client's connection, by which the answer has yet to go. Not
 * its iterator either: that costs a handful of promises for each chunk.
 */
export function bodyOf(request: IncomingMessage, response: ServerResponse): Readable {
  const bound = new Map<Listener, Listener>();
  const atError = new Set<Listener>();
  const body = {
    destroyed: false,
    on(event: string, listener: Listener) {
      const own = bound.get(listener) ?? listener.bind(body);
      bound.set(listener, own);
      if (event === 'error') atError.add(own);
      if (event === 'data') request.on('data', ({ length }: Buffer) => collectStreamed(length));
      request.on(event, own);
      return body;
    },
    removeListener(event: string, listener: Listener) {
      const own = bound.get(listener) ?? listener;
      if (event === 'error') atError.delete(own);
      request.off(event, own);
      return body;
    },
    off: (event: string, listener: Listener) => body.removeListener(event, listener),
    pause: () => request.pause(),
    resume: () => request.resume(),
    /** Only tells undici that this is a stream. */
    pipe: () => body,
    destroy(cause?: Error) {
      if (body.destroyed) return;
      body.destroyed = true;
      if (!request.readableEnded) leaveRest(request, response);
      if (cause !== undefined) queueMicrotask(() => tell([...atError], cause));
    },
    get errored() {
      return request.errored;
    },
    get readableEnded() {
      return request.readableEnded;
    },
    get closed() {
      return request.closed;
    },
  };
  return body as unknown as Readable;
}

/**
 * What is not sent on is left where it is until the answer has gone, and then thrown away: unread, it would keep the next
 * request of the connection from ever being seen (RFC 9112 9.3). That takes no longer than any request may
 * (INCOMING_REQUEST_TIMEOUT).
 */
function leaveRest(request: IncomingMessage, response: ServerResponse): void {
  if (response.writableFinished) {
    request.resume();
    return;
  }
  request.pause();
  response.once('finish', () => request.resume());
}

function tell(listeners: readonly Listener[], cause: Error): void {
  for (const listener of listeners) listener(cause);
}
