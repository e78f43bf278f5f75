import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { within } from '../within.ts';
import { AnswerRelay } from './answer-relay.ts';
import { awaitHead, tooSlowFor } from './await-head.ts';
import { bodyOf } from './body-of.ts';
import type { AnswerHead, ExchangeRequest, HeadJudge } from './exchange-request.ts';
import { hasBody } from './has-body.ts';
import { takeSeat } from './take-seat.ts';
import { textOf } from './text-of.ts';

/** A body thrown away that is longer than this costs more than a new connection. */
const discardLimit = 64 * 1024;

/**
 * One exchange with an upstream: the client's body streams up, the answer streams down, nothing is buffered. The answer
 * waits when the client is slow; a client that leaves cancels the request (design section 5).
 * @param judge decides at the answer's head
 * @returns false when the answer was discarded and nothing was sent to the client
 * @throws what undici reports when there is no head of an answer in time; AppError 503 when the backend has too much to do
 */
export function exchange(
  pool: Dispatcher,
  outgoing: ExchangeRequest,
  request: IncomingMessage,
  response: ServerResponse,
  judge: HeadJudge,
): Promise<boolean> {
  const begin = () => {
    const outcome = Promise.withResolvers<boolean>();
    new Exchange(outgoing, request, response, judge, outcome).begin(pool);
    return outcome.promise;
  };
  const { seats, destination, timeout } = outgoing;
  if (seats.take()) return begin();
  return within(timeout, (limit) => takeSeat(seats, destination, limit, response)).then((seated) => !seated || begin());
}

/** One object with methods, not a closure for each event: every request makes one. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly outgoing: ExchangeRequest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly judge: HeadJudge;
  readonly relay: AnswerRelay;
  readonly outcome: PromiseWithResolvers<boolean>;
  readonly onClose: () => void;
  controller: Dispatcher.DispatchController | undefined = undefined;
  waiting: NodeJS.Timeout | undefined = undefined;
  forgetDeadline: (() => void) | undefined = undefined;
  tooSlow: Error | undefined = undefined;
  over = false;
  judging = false;
  /** The end came while the head was being judged: without a body there is nothing that a paused upstream could hold back. */
  endsAfterHead = false;
  discarding = false;
  /** Bytes. */
  discarded = 0;

  constructor(
    outgoing: ExchangeRequest,
    request: IncomingMessage,
    response: ServerResponse,
    judge: HeadJudge,
    outcome: PromiseWithResolvers<boolean>,
  ) {
    this.outgoing = outgoing;
    this.request = request;
    this.response = response;
    this.judge = judge;
    this.relay = new AnswerRelay(response);
    this.outcome = outcome;
    // Not assigned at once: V8 takes a function literal assigned to a property for a method of a prototype and allocates it
    // among old objects, where each one would keep its whole request until the next full collection.
    const onClose = () => {
      if (!response.writableFinished) this.controller?.abort(new ClientLeft());
    };
    this.onClose = onClose;
  }

  begin(pool: Dispatcher): void {
    const { outgoing, request, response } = this;
    const withBody = hasBody(request);
    this.forgetDeadline = awaitHead(outgoing.timeout, request, withBody, () => this.endTooSlow());
    response.on('close', this.onClose);
    pool.dispatch(
      {
        origin: outgoing.origin,
        path: outgoing.path,
        method: outgoing.method as Dispatcher.HttpMethod,
        headers: outgoing.headers,
        body: outgoing.body ?? (withBody ? bodyOf(request, response) : null),
        headersTimeout: outgoing.timeout,
        bodyTimeout: outgoing.idleTimeout,
      },
      this,
    );
    if (this.controller === undefined && !this.over && this.tooSlow === undefined)
      this.waiting = setTimeout((late: Exchange) => late.endTooSlow(), outgoing.timeout, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    clearTimeout(this.waiting);
    if (this.tooSlow !== undefined) controller.abort(this.tooSlow);
    else if (this.response.destroyed) controller.abort(new ClientLeft());
  }

  onResponseStarted(): void {
    this.judge.answerBegan = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusMessage?: string,
  ): void {
    if (status < 200) return;
    this.forgetDeadline?.();
    const head = this.judge.judge(status, textOf(controller.rawHeaders));
    if (!(head instanceof Promise)) {
      this.answer(status, statusMessage, head);
      return;
    }
    this.judging = true;
    controller.pause();
    head
      .then((judged) => {
        this.judging = false;
        if (this.over) return; // it has failed meanwhile, and that is answered
        this.answer(status, statusMessage, judged);
        if (this.endsAfterHead) this.end();
        else controller.resume();
      })
      .catch((cause) => {
        this.judging = false;
        if (this.endsAfterHead) this.outcome.reject(cause);
        else controller.abort(cause as Error);
      });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.discarding) {
      this.discarded += chunk.length;
      if (this.discarded > discardLimit) controller.abort(new Discarded());
      return;
    }
    this.relay.write(chunk, controller);
  }

  onResponseEnd(): void {
    this.outgoing.seats.leave();
    this.finish();
    if (this.judging) this.endsAfterHead = true;
    else this.end();
  }

  onResponseError(_controller: unknown, cause: Error): void {
    this.over = true;
    this.outgoing.seats.leave();
    this.finish();
    if (this.tooSlow !== undefined) return; // answered already
    if (cause instanceof Discarded) this.outcome.resolve(false);
    else if (cause instanceof ClientLeft || this.response.destroyed) this.outcome.resolve(true);
    else if (!this.response.headersSent) this.outcome.reject(cause);
    else {
      this.relay.breakOff(cause);
      this.outcome.resolve(true);
    }
  }

  end(): void {
    if (!this.discarding) this.relay.end();
    this.outcome.resolve(!this.discarding);
  }

  answer(status: number, statusMessage: string | undefined, head: AnswerHead): void {
    if (head.kind === 'discard') this.discarding = true;
    else this.relay.start(status, statusMessage, head);
  }

  endTooSlow(): void {
    const { controller, response } = this;
    this.tooSlow = tooSlowFor(controller === undefined ? 'connection' : 'head');
    controller?.abort(this.tooSlow); // else it still waits for a connection, and is ended when it has one
    this.finish();
    if (response.destroyed) this.outcome.resolve(true);
    else this.outcome.reject(this.tooSlow);
  }

  finish(): void {
    this.forgetDeadline?.();
    clearTimeout(this.waiting);
    this.response.off('close', this.onClose);
  }
}

class ClientLeft extends Error {}
class Discarded extends Error {}
