import type { Seats } from './crowd.ts';

export interface ExchangeRequest {
  /** Its name, for errors. */
  readonly destination: string;
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value… */
  readonly headers: string[];
  /** The client's body, where it has been read already; undefined: it streams. */
  readonly body: Buffer | undefined;
  /** Milliseconds until the answer must have begun, and until there must be a connection to ask on. */
  readonly timeout: number;
  /** Milliseconds of silence in the body after which the exchange is given up; 0: never. */
  readonly idleTimeout: number;
  /** Where the request has its seat, or waits for one, before the pool has anything to do with it. */
  readonly seats: Seats;
}

/** What to do with an answer once its head is known. */
export type AnswerHead =
  | PassingHead
  /** Read the answer to its end and throw it away: the request will be sent again. */
  | { readonly kind: 'discard' };

export interface PassingHead {
  readonly kind: 'pass';
  /** Headers for the client, made when the head is written. `firstChunk` in bytes, where it was waited for. */
  headers(firstChunk?: number): string[];
  /** The size of the first chunk matters: the head is written with it. */
  readonly waitsForChunk: boolean;
}

/** Decides at the head of an answer. */
export interface HeadJudge {
  /** Set when the first byte of an answer has come, be it an interim one: the backend has worked. */
  answerBegan: boolean;
  judge(status: number, rawHeaders: readonly string[]): AnswerHead | Promise<AnswerHead>;
}
