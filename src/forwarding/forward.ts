import type { Request, Response } from 'express';
import type { OpenStep } from '../observe/way.ts';
import type { Credential } from '../tokens/credential.ts';
import type { Circuits } from './circuits.ts';
import type { Compress } from './compress.ts';
import type { Crowd } from './crowd.ts';
import { type AnswerHead, exchange } from './exchange.ts';
import { forwardError } from './forward-error.ts';
import { createForwardUpgrade } from './forward-upgrade.ts';
import { headerIn } from './header-in.ts';
import { incomingHeaders } from './incoming-headers.ts';
import { isRepeatable } from './is-repeatable.ts';
import { isStale } from './is-stale.ts';
import { isTokenWithdrawn } from './is-token-withdrawn.ts';
import { keptOf } from './kept-of.ts';
import { beginCall, endingAtHead, endUpgrade, tellingFailure } from './observe-call.ts';
import { oursIn } from './ours-in.ts';
import type { Pools } from './pools.ts';
import { statisticsHeaders, wantsStatistics } from './statistics.ts';
import { tieStream, tieTunnel } from './tie-to-session.ts';
import type { Trip } from './trip.ts';
import { addressOf, withQueries } from './upstream-address.ts';
import { upstreamHeaders } from './upstream-headers.ts';
import { withVary } from './with-vary.ts';
import { withoutCaching } from './without-caching.ts';

export interface ForwardOptions {
  readonly pools: Pools;
  readonly crowd: Crowd;
  readonly circuits: Circuits;
  readonly isOwnCookie: (name: string) => boolean;
  readonly tenantId: string | undefined;
  readonly compress: Compress;
  /** MERGE_CSP_HEADERS. */
  readonly mergeCsp: boolean;
  /** Writes the answer at once, for upgrades whose upstream fails. */
  readonly answerError: (cause: unknown, request: Request, response: Response) => void;
}

export type Forward = (request: Request, response: Response, trip: Trip) => Promise<void>;

/** Stage 7: sends the request on with its credential and streams the answer back. */
export function createForward({
  pools,
  crowd,
  circuits,
  isOwnCookie,
  tenantId,
  answerError,
  compress,
  mergeCsp,
}: ForwardOptions): Forward {
  const forwardUpgrade = createForwardUpgrade(isOwnCookie);
  const besideOurs = ['set-cookie', 'vary', ...(mergeCsp ? ['content-security-policy'] : [])];
  /** When the connections to an upstream were last used, in milliseconds of the monotonic clock. */
  const lastUse = new WeakMap<object, number>();

  const headersOf = (
    request: Request,
    trip: Trip,
    credential: Credential,
    path: string,
    step: OpenStep<'backend'> | undefined,
  ) => {
    return upstreamHeaders(
      { rawHeaders: request.rawHeaders, headers: request.headers, arrival: request.arrival },
      trip,
      credential,
      path,
      { tenantId, trace: step?.headers() },
    );
  };

  return async (request, response, trip) => {
    const { destination, admitted } = trip;
    const { origin, base, queries } = addressOf(destination);
    const path = withQueries(base + trip.path, queries);
    if (request.tunnel !== undefined) {
      const { socket, head } = request.tunnel;
      const probe = circuits.enter(destination);
      const step = beginCall(request, destination, path, 0);
      const outgoing = { target: destination, path, headers: headersOf(request, trip, trip.credential, path, step) };
      response.detachSocket(socket);
      const status = await forwardUpgrade(request, socket, head, outgoing, (cause) => {
        step?.fail(cause);
        circuits.ended(destination, probe, cause);
        response.assignSocket(socket);
        answerError(forwardError(cause, destination), request, response);
      });
      if (status !== undefined) circuits.answered(destination);
      if (status !== undefined) endUpgrade(request, step, status);
      return tieTunnel(socket, trip.tie);
    }

    const repeatable = isRepeatable(request);
    const retriable = trip.renew !== undefined && repeatable;
    let challenge: string | undefined;
    let sent = 0;
    const sentAt = now();
    const judge =
      (mayRetry: boolean) =>
      (status: number, raw: readonly string[]): AnswerHead | Promise<AnswerHead> => {
        circuits.answered(destination);
        if (mayRetry && (status === 401 || isTokenWithdrawn(destination, status, raw))) {
          challenge = headerIn(raw, 'www-authenticate');
          return { kind: 'discard' };
        }
        const ours = oursIn(response);
        const passSessionCookies = admitted.route.setBackendSessionCookies;
        const { headers, keep, ended } = incomingHeaders(raw, { isOwnCookie, path, passSessionCookies, ours });
        const answeredAt = now();
        tieStream(response, headers, trip.tie);
        const pass: AnswerHead = {
          kind: 'pass',
          waitsForChunk: status !== 204 && status !== 304 && compress.waitsForChunk(request, headers),
          headers: (firstChunk) => {
            const compressing = compress.decide(request, status, headers, firstChunk);
            if (compressing === 'gzip') compress.prepare(request, response);
            if (statistics) headers.push(...statisticsHeaders(now() - request.arrival.startedAt, answeredAt - sentAt));
            for (const name of besideOurs) headers.push(...keptOf(response, name));
            const told = response.isPrivate
              ? [...withoutCaching(headers), ...keptOf(response, 'cache-control')]
              : headers;
            return compressing === 'varies' ? withVary(told, 'Accept-Encoding') : told;
          },
        };
        if (keep.length + ended.length === 0) return pass;
        const gone = ended.filter(({ name, path: at }) =>
          trip.keptCookies.some((kept) => kept.name === name && kept.path === at),
        );
        return keep.length + gone.length === 0 ? pass : trip.keep(keep, gone).then(() => pass);
      };
    const statistics = wantsStatistics(request.arrival.url, request.headers);
    const send = (credential: Credential, mayRetry: boolean) => {
      const step = beginCall(request, destination, path, sent++);
      const decide = judge(mayRetry);
      const pool = pools.of(destination);
      const exchanged = exchange(
        pool,
        {
          origin,
          path,
          method: request.arrival.method,
          headers: headersOf(request, trip, credential, path, step),
          timeout: destination.timeout,
          // Event streams may be silent for as long as they like.
          idleTimeout: request.headers.accept?.includes('text/event-stream') ? 0 : destination.idleTimeout,
          enter: () => crowd.enter(pool, destination.name),
          leave: () => crowd.leave(pool),
        },
        request,
        response,
        step === undefined ? decide : endingAtHead(step, decide),
      ).finally(() => lastUse.set(pool, now()));
      return step === undefined ? exchanged : tellingFailure(step, exchanged);
    };

    const sendAgainIfStale = async (credential: Credential, mayRetry: boolean) => {
      const quiet = now() - (lastUse.get(pools.of(destination)) ?? now());
      try {
        return await send(credential, mayRetry);
      } catch (cause) {
        if (!repeatable || !isStale(cause, quiet)) throw cause;
        return await send(credential, mayRetry);
      }
    };
    const probe = circuits.enter(destination);
    let failure: unknown;
    try {
      const answered = await sendAgainIfStale(trip.credential, retriable);
      if (!answered && trip.renew !== undefined) await send(await trip.renew(challenge), false);
    } catch (cause) {
      failure = cause;
      throw forwardError(cause, destination);
    } finally {
      circuits.ended(destination, probe, failure);
    }
  };
}

const now = () => performance.now();
