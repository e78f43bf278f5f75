import type { Request } from 'express';
import type { Credential } from '../../tokens/credential.ts';
import { within } from '../../within.ts';
import { tooSlowFor } from '../await-head.ts';
import type { ForwardRules } from '../backend-call.ts';
import { keepCookies } from '../backend-cookies.ts';
import { isTokenWithdrawn } from '../is-token-withdrawn.ts';
import { takeSeat } from '../take-seat.ts';
import { timeoutOf } from '../timeout-of.ts';
import type { Brokering, Trip } from '../trip.ts';
import { upstreamHeaders } from '../upstream-headers.ts';
import { askForToken, type FetchedToken, type TokenAnswer } from './ask-for-token.ts';
import { fetchHeaders } from './fetch-headers.ts';
import type { FetchAnswer } from './read-fetch-answer.ts';

export type BrokeredTrip = Trip & { readonly brokering: Brokering };

export interface TokenQuestion {
  readonly request: Request;
  readonly trip: BrokeredTrip;
  readonly credential: Credential;
  /** Path and query at the backend. */
  readonly path: string;
  /** Headers that hand the trace on. */
  readonly trace: readonly string[] | undefined;
}

/** Bytes of an answer to GET that are read, so that its connection can be used again. */
const read = 64 * 1024;

/**
 * Asks for a token as this request's user. No redirect is followed. A client that leaves ends nothing here: others may wait
 * for the same token.
 * @throws what the connection throws, and what is too slow
 */
export function fetchToken(rules: ForwardRules, question: TokenQuestion): Promise<FetchedToken> {
  const { trip, path } = question;
  return askForToken(
    (method, so) => ask(rules, question, method, withCookies(trip, so)),
    { isOwnCookie: rules.isOwnCookie, path, fillsJar: trip.brokering.fillsJar },
    ({ status, raw }) => status === 401 || isTokenWithdrawn(trip.destination, status, raw),
  );
}

/** A trip with the cookies that answers to the question have brought. */
function withCookies(trip: Trip, { keep, own, ended }: Omit<FetchAnswer, 'token'>): Trip {
  const jar = keepCookies(trip.keptCookies, keep, ended);
  return { ...trip, keptCookies: keepCookies(jar, own) };
}

function ask(rules: ForwardRules, question: TokenQuestion, method: 'HEAD' | 'GET', trip: Trip): Promise<TokenAnswer> {
  const timeout = timeoutOf(trip);
  return within(timeout, (limit) => askBy(limit, timeout, rules, question, method, trip));
}

async function askBy(
  limit: AbortSignal,
  timeout: number,
  { pools, crowd, tenantId }: ForwardRules,
  { request, credential, path, trace }: TokenQuestion,
  method: 'HEAD' | 'GET',
  trip: Trip,
): Promise<TokenAnswer> {
  const { destination } = trip;
  const pool = pools.of(destination);
  const seats = crowd.seatsOf(pool);
  await takeSeat(seats, destination.name, limit);
  try {
    const answer = await pool.request({
      origin: destination.url.origin,
      path,
      method,
      headers: fetchHeaders(upstreamHeaders(request, trip, credential, path, { tenantId, trace })),
      // The signal is the limit: it counts from the question's begin.
      headersTimeout: 0,
      bodyTimeout: timeout,
      responseHeaders: 'raw',
      signal: limit,
    });
    answer.body.dump({ limit: read }).catch(() => {}); // the head has said everything
    return { status: answer.statusCode, raw: answer.headers as unknown as string[] };
  } catch (cause) {
    throw limit.aborted ? tooSlowFor('head') : cause;
  } finally {
    seats.leave();
  }
}
