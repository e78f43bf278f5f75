import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { expect, test, vi } from 'vitest';
import { exchange } from '../../../src/forwarding/exchange.ts';
import type { AnswerHead, ExchangeRequest } from '../../../src/forwarding/exchange-request.ts';

const outgoing: ExchangeRequest = {
  destination: 'b',
  origin: 'http://b.example',
  path: '/',
  method: 'GET',
  headers: [],
  body: undefined,
  timeout: 30_000,
  idleTimeout: 30_000,
  seats: { usedAt: undefined, waiting: 0, take: () => true, line() {}, leave() {}, giveUp: () => false },
};

test('a backend that breaks off while its answer is being judged has failed: nothing of the answer is sent any more', async () => {
  const writeHead = vi.fn();
  const request = Object.assign(new EventEmitter(), { headers: {} });
  const response = Object.assign(new EventEmitter(), { writeHead, headersSent: false, destroyed: false });
  let handler: Dispatcher.DispatchHandler = {};
  const dispatch = (_options: unknown, given: Dispatcher.DispatchHandler) => {
    handler = given;
  };
  const controller = {
    rawHeaders: [],
    pause() {},
    resume() {},
    abort() {},
  } as unknown as Dispatcher.DispatchController;
  let judged: (head: AnswerHead) => void = () => {};
  const judge = () =>
    new Promise<AnswerHead>((tell) => {
      judged = tell;
    });

  const exchanged = exchange(
    { dispatch } as unknown as Dispatcher,
    outgoing,
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
    { judge, answerBegan: false },
  );
  handler.onRequestStart?.(controller, {});
  handler.onResponseStart?.(controller, 200, {}, 'OK');
  handler.onResponseError?.(controller, new Error('reset'));
  await expect(exchanged).rejects.toThrow('reset');
  judged({ kind: 'pass', waitsForChunk: false, headers: () => [] });
  await new Promise(setImmediate);
  expect(writeHead).not.toHaveBeenCalled();
});
