import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { awaitHead, tooSlowFor } from './await-head.ts';
import { cutShort } from './cut-short.ts';
import { headerIn } from './header-in.ts';

export interface ExchangeRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value… */
  readonly headers: string[];
  /** Milliseconds until the answer must have begun, and until there must be a connection to ask on. */
  readonly timeout: number;
  /** Milliseconds of silence in the body after which the exchange is given up; 0: never. */
  readonly idleTimeout: number;
  /**
   * Called once, before the pool has anything to do with the request.
   * @returns whether all connections are in use and it has to wait for one
   * @throws AppError when it must not begin
   */
  readonly enter: () => boolean;
  /** Called once, when the pool has nothing to do with the request any more. */
  readonly leave: () => void;
}

/** What to do with an answer once its head is known. */
export type AnswerHead =
  | {
      readonly kind: 'pass';
      /** Headers for the client, made when the head is written. `firstChunk` in bytes, where it was waited for. */
      readonly headers: (firstChunk?: number) => string[];
      /** The size of the first chunk matters: the head is written with it. */
      readonly waitsForChunk: boolean;
    }
  /** Read the answer to its end and throw it away: the request will be sent again. */
  | { readonly kind: 'discard' };

export type JudgeHead = (status: number, rawHeaders: readonly string[]) => AnswerHead | Promise<AnswerHead>;

/** A body thrown away that is longer than this costs more than a new connection. */
const discardLimit = 64 * 1024;

/**
 * One exchange with an upstream: the client's body streams up, the answer streams down, nothing is buffered. The answer
 * waits when the client is slow; a client that leaves cancels the request (design section 5).
 * @param judge decides at the answer's head
 * @returns false when the answer was discarded and nothing was sent to the client
 * @throws what undici reports when the upstream cannot be reached, is too slow or breaks off before its head
 */
export function exchange(
  pool: Dispatcher,
  outgoing: ExchangeRequest,
  request: IncomingMessage,
  response: ServerResponse,
  judge: JudgeHead,
): Promise<boolean> {
  return new Promise((settle, fail) => {
    const waits = outgoing.enter();
    let controller: Dispatcher.DispatchController | undefined;
    let discarding = false;
    let discarded = 0;
    let begun = false;
    let sized = false;
    let writeHead: ((firstChunk?: number) => void) | undefined;
    const onClose = () => {
      if (!response.writableFinished) controller?.abort(new ClientLeft());
    };
    let tooSlow: Error | undefined;
    let over = false;
    let waiting: NodeJS.Timeout | undefined;
    const onTooSlow = () => {
      tooSlow = tooSlowFor(controller !== undefined ? 'head' : waits ? 'queue' : 'connection');
      controller?.abort(tooSlow); // else it still waits for a connection, and is ended when it has one
      finish();
      if (response.destroyed) settle(true);
      else fail(tooSlow);
    };
    const forgetDeadline = awaitHead(outgoing.timeout, request, hasBody(request), onTooSlow);
    const finish = () => {
      forgetDeadline?.();
      clearTimeout(waiting);
      response.off('close', onClose);
    };
    response.once('close', onClose);

    const start = (status: number, statusMessage: string | undefined, head: AnswerHead) => {
      if (head.kind === 'discard') {
        discarding = true;
        return;
      }
      writeHead = (firstChunk) => {
        writeHead = undefined;
        const headers = head.headers(firstChunk);
        sized = headerIn(headers, 'content-length') !== undefined;
        // One listener for the whole body: compression hands `drain` on without ever taking a `once` back.
        response.on('drain', () => controller?.resume());
        if (statusMessage && /^[\t\x20-\x7e]*$/.test(statusMessage)) response.writeHead(status, statusMessage, headers);
        else response.writeHead(status, headers);
      };
      if (head.waitsForChunk) return;
      writeHead();
      // A stream is open before its first event; node holds the head back until something is written.
      if (!sized)
        setImmediate(() => {
          if (!begun && !response.writableEnded) response.flushHeaders();
        });
    };

    pool.dispatch(
      {
        origin: outgoing.origin,
        path: outgoing.path,
        method: outgoing.method as Dispatcher.HttpMethod,
        headers: outgoing.headers,
        // Not the request itself: undici destroys the body of a request that fails, and with it the client's connection.
        body: hasBody(request) ? (request.iterator({ destroyOnReturn: false }) as unknown as Readable) : null,
        headersTimeout: outgoing.timeout,
        bodyTimeout: outgoing.idleTimeout,
      },
      {
        onRequestStart(started) {
          controller = started;
          clearTimeout(waiting);
          if (tooSlow !== undefined) started.abort(tooSlow);
          else if (response.destroyed) started.abort(new ClientLeft());
        },
        onResponseStart(current, status, _headers, statusMessage) {
          if (status < 200) return;
          forgetDeadline?.();
          const head = judge(status, textOf(current.rawHeaders));
          if (!(head instanceof Promise)) return start(status, statusMessage, head);
          current.pause();
          head
            .then((judged) => start(status, statusMessage, judged))
            .then(() => current.resume())
            .catch((cause) => current.abort(cause as Error));
        },
        onResponseData(current, chunk) {
          if (discarding) {
            discarded += chunk.length;
            if (discarded > discardLimit) current.abort(new Discarded());
            return;
          }
          writeHead?.(chunk.length);
          begun = true;
          if (!response.write(chunk)) current.pause();
        },
        onResponseEnd() {
          outgoing.leave();
          finish();
          writeHead?.(0);
          if (!discarding) response.end();
          settle(!discarding);
        },
        onResponseError(_current, cause) {
          over = true;
          outgoing.leave();
          finish();
          if (tooSlow !== undefined) return; // answered already
          if (cause instanceof Discarded) return settle(false);
          if (cause instanceof ClientLeft || response.destroyed) return settle(true);
          if (response.headersSent) {
            cutShort(response, sized, cause); // so that the client does not take it for complete
            return settle(true);
          }
          fail(cause);
        },
      },
    );
    // Nearly always there was a connection, and the request has gone out by it.
    if (controller === undefined && !over && tooSlow === undefined) waiting = setTimeout(onTooSlow, outgoing.timeout);
  });
}

class ClientLeft extends Error {}
class Discarded extends Error {}

/** RFC 9112 6.3: a request has a body when it says how long it is, or that it is chunked. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function textOf(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  const texts = new Array<string>(raw.length);
  for (let i = 0; i < raw.length; i++) {
    const part = raw[i] as Buffer | string;
    texts[i] = typeof part === 'string' ? part : part.toString('latin1');
  }
  return texts;
}
