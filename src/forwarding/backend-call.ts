import type { Request, Response } from 'express';
import type { Dispatcher } from 'undici';
import type { OpenStep } from '../observe/way.ts';
import type { KeptCookie } from '../session/session-data.ts';
import type { Credential } from '../tokens/credential.ts';
import type { Circuits } from './circuits.ts';
import type { Compress } from './compress.ts';
import type { Crowd, Seats } from './crowd.ts';
import { isTokenRequired } from './csrf/is-token-required.ts';
import { exchange } from './exchange.ts';
import type { AnswerHead, HeadJudge } from './exchange-request.ts';
import { incomingHeaders } from './incoming-headers.ts';
import { isRepeatable } from './is-repeatable.ts';
import { isTokenWithdrawn } from './is-token-withdrawn.ts';
import { joinedIn } from './joined-in.ts';
import { keptOf } from './kept-of.ts';
import { beginCall, tellingFailure } from './observe-call.ts';
import { oursIn } from './ours-in.ts';
import type { Pools } from './pools.ts';
import { statisticsHeaders, wantsStatistics } from './statistics.ts';
import { tieStream } from './tie-to-session.ts';
import { timeoutOf } from './timeout-of.ts';
import type { Trip } from './trip.ts';
import { addressOf, withQueries } from './upstream-address.ts';
import { upstreamHeaders } from './upstream-headers.ts';
import { withVary } from './with-vary.ts';
import { withoutCaching } from './without-caching.ts';

/** What is the same for all requests that are forwarded. */
export interface ForwardRules {
  readonly pools: Pools;
  readonly crowd: Crowd;
  readonly circuits: Circuits;
  readonly isOwnCookie: (name: string) => boolean;
  readonly tenantId: string | undefined;
  readonly compress: Compress;
  /** Lower-case names of headers that stand beside the upstream's of the same name. */
  readonly besideOurs: readonly string[];
}

/** The backend's CSRF token with what belongs to it. */
export interface ShownToken {
  /** Undefined: the backend gave none. */
  readonly token: string | undefined;
  /** Kept cookies, those that came with it included. */
  readonly cookies: readonly KeptCookie[];
  /** An answer that asks for another token is thrown away. */
  readonly mayResend: boolean;
}

/**
 * One request and its answer, to be sent once or several times. It lives from the credential to the end of the answer.
 * One object with methods, not a closure for each question: every request makes one.
 */
export class BackendCall implements HeadJudge {
  /** Path and query at the upstream. */
  readonly path: string;
  answerBegan = false;
  /** Milliseconds for which nobody had used the connections to this upstream. */
  readonly quiet: number;
  /** What the upstream wanted when it refused the credential (WWW-Authenticate). */
  challenge: string | undefined = undefined;
  /** The client's body, where it has been read already. */
  body: Buffer | undefined = undefined;
  /** What stands for the backend's CSRF token, where the router gets it. */
  shown: ShownToken | undefined = undefined;
  /** The upstream has refused that. */
  tokenRefused = false;
  readonly #rules: ForwardRules;
  readonly #request: Request;
  readonly #response: Response;
  readonly #trip: Trip;
  readonly #origin: string;
  readonly #pool: Dispatcher;
  readonly #seats: Seats;
  readonly #begunAt: number;
  #mayRetry = false;
  #sent = 0;
  #step: OpenStep<'backend'> | undefined = undefined;

  constructor(rules: ForwardRules, request: Request, response: Response, trip: Trip) {
    const { destination } = trip;
    const { origin, base, queries } = addressOf(destination);
    this.#rules = rules;
    this.#request = request;
    this.#response = response;
    this.#trip = trip;
    this.#origin = origin;
    this.path = withQueries(base + trip.path, queries);
    this.#pool = rules.pools.of(destination);
    this.#seats = rules.crowd.seatsOf(this.#pool);
    this.#begunAt = performance.now();
    this.quiet = this.#begunAt - (this.#seats.usedAt ?? this.#begunAt);
  }

  /**
   * Sends the request and streams the answer to the client.
   * @param mayRetry the answer is thrown away when it refuses the credential
   * @returns false when it was thrown away; `challenge` then says what the upstream wants
   * @throws see `exchange`
   */
  send(credential: Credential, mayRetry: boolean): Promise<boolean> {
    const { destination } = this.#trip;
    const request = this.#request;
    const step = beginCall(request, destination, this.path, this.#sent++);
    this.#mayRetry = mayRetry;
    this.#step = step;
    const outgoing = {
      destination: destination.name,
      origin: this.#origin,
      path: this.path,
      method: request.arrival.method,
      headers: this.headersWith(credential, step),
      body: this.body,
      timeout: timeoutOf(this.#trip),
      // Event streams may be silent for as long as they like.
      idleTimeout: request.headers.accept?.includes('text/event-stream') ? 0 : destination.idleTimeout,
      seats: this.#seats,
    };
    const exchanged = exchange(this.#pool, outgoing, request, this.#response, this);
    return step === undefined ? exchanged : tellingFailure(step, exchanged);
  }

  /** @returns name, value, name, value… */
  headersWith(credential: Credential, step: OpenStep<'backend'> | undefined): string[] {
    const { shown } = this;
    const router = { tenantId: this.#rules.tenantId, trace: step?.headers() };
    if (shown === undefined) return upstreamHeaders(this.#request, this.#trip, credential, this.path, router);
    const trip = { ...this.#trip, keptCookies: shown.cookies };
    const headers = upstreamHeaders(this.#request, trip, credential, this.path, router);
    return shown.token === undefined ? headers : [...headers, 'x-csrf-token', shown.token];
  }

  judge(status: number, raw: readonly string[]): AnswerHead | Promise<AnswerHead> {
    this.#step?.end({ status });
    const { circuits, isOwnCookie, compress } = this.#rules;
    const { destination, admitted, tie, keep, renew, doubt } = this.#trip;
    const keptCookies = this.shown?.cookies ?? this.#trip.keptCookies;
    const request = this.#request;
    const response = this.#response;
    circuits.answered(destination);
    if (renew !== undefined && (status === 401 || isTokenWithdrawn(destination, status, raw))) {
      const challenge = joinedIn(raw, 'www-authenticate');
      if (this.#mayRetry) {
        this.challenge = challenge;
        return discard;
      }
      // What was sent again was sent with a new one already.
      if (!isRepeatable(request)) doubt?.(challenge);
    }
    if (this.shown !== undefined && isTokenRequired(status, raw)) {
      this.tokenRefused = true;
      if (this.shown.mayResend) return discard;
    }
    const incoming = incomingHeaders(raw, {
      isOwnCookie,
      path: this.path,
      passSessionCookies: admitted.route.setBackendSessionCookies,
      ours: oursIn(response, admitted.route.access.kind !== 'public'),
    });
    const { headers, ended } = incoming;
    tieStream(response, headers, tie);
    const answeredAt = wantsStatistics(request.arrival.url, request.headers) ? performance.now() : undefined;
    const pass: AnswerHead = {
      kind: 'pass',
      waitsForChunk: status !== 204 && status !== 304 && compress.waitsForChunk(request, headers),
      headers: (firstChunk) => this.#headersFor(status, headers, answeredAt, firstChunk),
    };
    if (incoming.keep.length + ended.length === 0) return pass;
    const gone = ended.filter(({ name, path }) => keptCookies.some((kept) => kept.name === name && kept.path === path));
    return incoming.keep.length + gone.length === 0 ? pass : keep(incoming.keep, gone).then(() => pass);
  }

  /**
   * What the client gets, given what of the upstream's headers passes.
   * @param answeredAt when the upstream had answered, for who wants to know (milliseconds of the monotonic clock)
   */
  #headersFor(
    status: number,
    headers: string[],
    answeredAt: number | undefined,
    firstChunk: number | undefined,
  ): string[] {
    const { compress, besideOurs } = this.#rules;
    const request = this.#request;
    const response = this.#response;
    const compressing = compress.decide(request, status, headers, firstChunk);
    if (compressing === 'gzip') compress.prepare(request, response);
    if (answeredAt !== undefined)
      headers.push(...statisticsHeaders(performance.now() - request.arrival.startedAt, answeredAt - this.#begunAt));
    for (const name of besideOurs) if (response.hasHeader(name)) headers.push(...keptOf(response, name));
    const told = response.isPrivate ? [...withoutCaching(headers), ...keptOf(response, 'cache-control')] : headers;
    return compressing === 'varies' ? withVary(told, 'Accept-Encoding') : told;
  }
}

const discard: AnswerHead = { kind: 'discard' };
