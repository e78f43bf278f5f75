import type { Request } from 'express';
import type { KeptCookie } from '../../session/session-data.ts';
import type { Credential } from '../../tokens/credential.ts';
import { tooSlowFor } from '../await-head.ts';
import type { ForwardRules } from '../backend-call.ts';
import { keepCookies } from '../backend-cookies.ts';
import { headerIn } from '../header-in.ts';
import { isTokenWithdrawn } from '../is-token-withdrawn.ts';
import type { Brokering, Trip } from '../trip.ts';
import { upstreamHeaders } from '../upstream-headers.ts';
import { fetchHeaders } from './fetch-headers.ts';
import { type FetchAnswer, readFetchAnswer } from './read-fetch-answer.ts';

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

/** What came of asking a backend for its CSRF token. */
export interface FetchedToken extends FetchAnswer {
  /** The credential was refused, and with what challenge (WWW-Authenticate). */
  readonly refused: { readonly challenge: string | undefined } | undefined;
  /** What was asked and answered, e.g. `HEAD 405`. */
  readonly asked: readonly string[];
}

/** After these a GET would fare no better than the HEAD did. */
const final: ReadonlySet<number> = new Set([401, 429, 502, 503, 504]);
/** Bytes of an answer to GET that are read, so that its connection can be used again. */
const read = 64 * 1024;

/**
 * Asks for a token with HEAD, and with GET where that brings none: many refuse HEAD, with 405, 501, 404, 400 or even 403.
 * Cookies of the first answer go along with the second question. No redirect is followed. A client that leaves ends nothing
 * here: others may wait for the same token.
 * @throws what the connection throws, and what is too slow
 */
export async function fetchToken(rules: ForwardRules, question: TokenQuestion): Promise<FetchedToken> {
  const { trip, path } = question;
  const asked: string[] = [];
  let so: FetchAnswer = { token: undefined, keep: [], own: [], ended: [] };
  let refused: FetchedToken['refused'];
  for (const method of ['HEAD', 'GET'] as const) {
    const { status, raw } = await ask(rules, question, method, withCookies(trip, so));
    asked.push(`${method} ${status}`);
    const { fillsJar } = trip.brokering;
    const answer = readFetchAnswer(raw, { isOwnCookie: rules.isOwnCookie, path, fillsJar });
    so = {
      token: answer.token,
      keep: keepCookies(so.keep, answer.keep, answer.ended),
      own: keepCookies(so.own, answer.own, answer.ended),
      ended: [...so.ended.filter((gone) => !answer.keep.some(sameAs(gone))), ...answer.ended],
    };
    const isRefused = status === 401 || isTokenWithdrawn(trip.destination, status, raw);
    refused = isRefused && so.token === undefined ? { challenge: headerIn(raw, 'www-authenticate') } : undefined;
    if (so.token !== undefined || refused !== undefined || final.has(status)) break;
  }
  return { ...so, refused, asked };
}

/** A trip with the cookies that answers to the question have brought. */
function withCookies(trip: Trip, { keep, own, ended }: Omit<FetchAnswer, 'token'>): Trip {
  const jar = keepCookies(trip.keptCookies, keep, ended);
  return { ...trip, keptCookies: keepCookies(jar, own) };
}

function sameAs({ name, path }: KeptCookie): (other: KeptCookie) => boolean {
  return (other) => other.name === name && other.path === path;
}

async function ask(
  { pools, crowd, tenantId }: ForwardRules,
  { request, credential, path, trace }: TokenQuestion,
  method: 'HEAD' | 'GET',
  trip: Trip,
): Promise<{ readonly status: number; readonly raw: readonly string[] }> {
  const { destination } = trip;
  const pool = pools.of(destination);
  const seats = crowd.seatsOf(pool);
  const limit = AbortSignal.timeout(destination.timeout);
  seats.enter(destination.name);
  try {
    const answer = await pool.request({
      origin: destination.url.origin,
      path,
      method,
      headers: fetchHeaders(upstreamHeaders(request, trip, credential, path, { tenantId, trace })),
      // The signal is the limit: it counts from the question's begin.
      headersTimeout: 0,
      bodyTimeout: destination.timeout,
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
