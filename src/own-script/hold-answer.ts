import { PassThrough, type Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { validateHeaderName, validateHeaderValue } from '../node-http.ts';

/** An answer of a backend as an own handler sees it: its head may be changed until the handler is done. */
export interface BackendAnswer extends Readable {
  statusCode: number;
  statusMessage: string | undefined;
  /** By lower-case name; several `set-cookie` are an array. What is for one connection only is gone already. */
  headers: Record<string, string | string[]>;
}

/** What of a modified answer counts; a plain stream (a transformation of the body) has none of it. */
type Modified = Readable & Partial<Pick<BackendAnswer, 'statusCode' | 'statusMessage' | 'headers'>>;

export interface Held {
  /** Stands for the response towards the exchange with the backend. */
  readonly response: Response;
  /**
   * Sends an answer on.
   * @param modified in place of what the backend said
   * @throws TypeError, RangeError when its head cannot be sent; nothing has been sent then
   */
  deliver(modified?: Modified): void;
}

/**
 * Holds an answer back when its head is known. What forwarding writes goes into a stream that somebody else reads, with the
 * backend paused while nobody does.
 * @param onHead called once with the answer; not at all when there is none
 * @param prepare makes the client's answer ready just before its head is written, e.g. for compression
 */
export function holdAnswer(
  request: Request,
  response: Response,
  onHead: (answer: BackendAnswer) => void,
  prepare: () => void,
): Held {
  let answer: BackendAnswer | undefined;
  const body = new PassThrough();
  body.on('drain', () => response.emit('drain'));
  body.on('error', () => {}); // the client has left, or the backend broke off: told elsewhere
  response.once('close', () => body.destroy());

  const writing = {
    writeHead(status: number, ...rest: readonly unknown[]) {
      const message = typeof rest[0] === 'string' ? rest[0] : undefined;
      const head = { statusCode: status, statusMessage: message, headers: byName(rest.at(-1) as readonly string[]) };
      answer = Object.assign(body, head);
      onHead(answer);
      return response;
    },
    write: (chunk: Buffer) => body.destroyed || body.write(chunk),
    end: () => body.destroyed || body.end(),
    flushHeaders: () => {},
    /** A handler that answers itself leaves the rest to nobody: the backend is let go. */
    get writableFinished() {
      return body.writableFinished;
    },
  };
  const standIn = new Proxy(response, {
    get(target, name) {
      if (Object.hasOwn(writing, name)) return writing[name as keyof typeof writing];
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });

  return {
    response: standIn,
    deliver(modified) {
      if (answer === undefined || response.writableEnded || response.headersSent) return;
      const from: Modified = modified ?? answer;
      const head = headOf(from, answer);
      // What was read or replaced is no longer as long as the backend said (RFC 9110 8.6).
      if (from !== answer || answer.readableDidRead) head.headers.delete('content-length');
      for (const [name, value] of head.headers) response.setHeader(name, value);
      prepare();
      if (head.message === undefined) response.writeHead(head.status);
      else response.writeHead(head.status, head.message);
      from.on('error', () => response.destroy());
      if (request.method === 'HEAD') response.end();
      else from.pipe(response);
    },
  };
}

/** @throws TypeError, RangeError what node would throw half-way, with some headers set already */
function headOf(from: Modified, answer: BackendAnswer) {
  const { statusCode: status = answer.statusCode } = from;
  if (!Number.isInteger(status) || status < 200 || status > 999) throw new RangeError('no status of an answer');
  const message = from.statusMessage ?? (status === answer.statusCode ? answer.statusMessage : undefined);
  if (message !== undefined) validateHeaderValue('reason', message);
  const headers = new Map<string, string | string[]>();
  for (const [name, value] of Object.entries(from.headers ?? answer.headers)) {
    if ((value ?? undefined) === undefined) continue; // as good as deleted
    validateHeaderName(name);
    for (const line of [value].flat()) validateHeaderValue(name, line);
    headers.set(name.toLowerCase(), value);
  }
  return { status, message, headers };
}

function byName(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [(raw[i] as string).toLowerCase(), raw[i + 1] as string];
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (name === 'set-cookie' || name === 'www-authenticate') headers[name] = [before, value].flat();
    else headers[name] = `${before}, ${value}`;
  }
  return headers;
}
