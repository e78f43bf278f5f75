import type { Request, Response } from 'express';
import { AppError } from '../errors/app-error.ts';
import type { Compress } from '../forwarding/compress.ts';
import type { Forward } from '../forwarding/forward.ts';
import { hasBody } from '../forwarding/has-body.ts';
import type { Trip } from '../forwarding/trip.ts';
import { changedHeaders } from './changed-headers.ts';
import { type BackendAnswer, holdAnswer } from './hold-answer.ts';

/** A handler's word that it is done. */
type Done<T> = (error?: unknown, result?: T) => void;

/** Gives the token that destinations with `forwardAuthToken` get; none: the user's. */
export type GetToken = (request: Request, callback: Done<string | null>) => unknown;

/** What an own handler of backends' answers gets. */
export interface AnswerContext {
  readonly incomingRequest: Request;
  /** The backend's answer: a stream with `statusCode` and `headers`, which may be changed. */
  readonly incomingResponse: BackendAnswer;
  /** What was asked of the backend. Its headers are not told: they hold credentials. */
  readonly outgoingRequest: { readonly method: string; readonly destination: string; readonly path: string };
  readonly outgoingResponse: Response;
}

declare module 'http' {
  interface IncomingMessage {
    /** Set by an own handler: called with the backend's answer, before any of it is sent (xs-app.md section 11). */
    afterRequestHandler?: (context: AnswerContext, done: Done<BackendAnswer>) => unknown;
    /** Set by an own handler: called when the backend's time is up; it answers itself, or calls `done`. */
    backendTimeout?: (request: Request, done: Done<never>) => unknown;
  }
}

export interface OwnHandling {
  readonly getToken: GetToken | undefined;
  readonly compress: Compress;
  readonly warn: (message: string) => void;
}

/** Forwarding as own start scripts take part in it: with a token of theirs, their handler of answers and of time-outs. */
export function forwardWithHandlers(forward: Forward, { getToken, compress, warn }: OwnHandling): Forward {
  return async (request, response, trip) => {
    if (hasBody(request) && request.readableDidRead) throw bodyIsGone();
    request.rawHeaders = changedHeaders(request.rawHeaders, request.headers);
    const shown = getToken === undefined ? trip : await withToken(getToken, request, trip);
    try {
      const { afterRequestHandler } = request;
      if (typeof afterRequestHandler !== 'function' || request.tunnel !== undefined)
        return await forward(request, response, shown);
      await forwardHeld(forward, afterRequestHandler, { compress, warn }, request, response, shown);
    } catch (cause) {
      await askAboutTimeout(cause, request, response);
    }
  };
}

/**
 * Forwards with the answer held back until the handler has seen it.
 * @throws AppError 500 when the handler gives an answer that cannot be sent; else what `forward` throws
 */
function forwardHeld(
  forward: Forward,
  handle: NonNullable<Request['afterRequestHandler']>,
  { compress, warn }: Pick<OwnHandling, 'compress' | 'warn'>,
  request: Request,
  response: Response,
  trip: Trip,
): Promise<void> {
  compress.postpone(request);
  const outgoingRequest = { method: request.method, destination: trip.destination.name, path: trip.path };
  return new Promise((over, fail) => {
    const held = holdAnswer(
      request,
      response,
      (incomingResponse) => {
        const done: Done<BackendAnswer> = once((error, modified) => {
          if (error) warn(`afterRequestHandler failed: ${nameOf(error)}`);
          try {
            held.deliver(error ? undefined : (modified ?? undefined));
          } catch (cause) {
            const detail = 'afterRequestHandler of the start script gave an answer that cannot be sent.';
            fail(new AppError({ code: 'ERR_INTERNAL', status: 500, detail, cause }));
          }
        });
        const context = { incomingRequest: request, incomingResponse, outgoingRequest, outgoingResponse: response };
        (async () => handle(context, done))().catch(done);
      },
      () => compress.prepare(request, response),
    );
    // The backend may have said everything before the handler has; what that gives may fail still.
    response.once('close', over);
    forward(request, held.response, trip).then(() => response.destroyed && over(), fail);
  });
}

/** The backend would wait for it, or take an empty one for the whole. */
function bodyIsGone(): AppError {
  const detail = 'A handler of the start script has read the body of this request: there is nothing left to send on.';
  return new AppError({ code: 'ERR_INTERNAL', status: 500, detail });
}

/** @throws AppError 502 when the script has none to give, and did not say that there is none */
async function withToken(getToken: GetToken, request: Request, trip: Trip): Promise<Trip> {
  const { destination } = trip;
  if (destination.authentication !== 'NoAuthentication' || !destination.forwardAuthToken) return trip;
  const token = await new Promise<string | null | undefined>((give, fail) => {
    const done: Done<string | null> = (error, found) => (error ? fail(error) : give(found));
    (async () => getToken(request, done))().catch(fail);
  }).catch((cause) => {
    throw new AppError({ code: 'ERR_CREDENTIAL', status: 502, detail: 'getToken of the start script failed.', cause });
  });
  if (token === null || token === undefined || token === '') return trip;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new AppError({ code: 'ERR_CREDENTIAL', status: 502, detail: 'getToken of the start script gave no token.' });
  return { ...trip, credential: { kind: 'header', name: 'authorization', value: `Bearer ${token}` }, renew: undefined };
}

/** @throws what is to be answered, unless the handler has answered */
function askAboutTimeout(cause: unknown, request: Request, response: Response): Promise<void> {
  const { backendTimeout } = request;
  const isTimeout = cause instanceof AppError && cause.code === 'ERR_UPSTREAM_TIMEOUT';
  if (!isTimeout || typeof backendTimeout !== 'function' || request.tunnel !== undefined) return Promise.reject(cause);
  return new Promise((answered, fail) => {
    response.once('close', answered);
    const done: Done<never> = (error) => (response.writableEnded ? answered() : fail(error || cause));
    (async () => backendTimeout(request, done))().catch(done);
  });
}

function once<T extends unknown[]>(work: (...args: T) => void): (...args: T) => void {
  let called = false;
  return (...args) => {
    if (called) return;
    called = true;
    work(...args);
  };
}

/** Of an own script's error, what cannot hold a secret. */
function nameOf(error: unknown): string {
  const { name = 'Error', code = '' } = (error ?? {}) as { name?: string; code?: string };
  return `${name} ${code}`.trim();
}
