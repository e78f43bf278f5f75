import type { Request, Response } from 'express';
import { BackendCall, type ForwardRules } from './backend-call.ts';
import type { BrokeredTrip } from './csrf/fetch-token.ts';
import type { TokenBroker } from './csrf/forward-with-token.ts';
import { forwardError } from './forward-error.ts';
import { createForwardUpgrade, type ForwardUpgrade } from './forward-upgrade.ts';
import { hasBody } from './has-body.ts';
import { isRepeatable } from './is-repeatable.ts';
import { isStale } from './is-stale.ts';
import { beginCall, endUpgrade } from './observe-call.ts';
import { tieTunnel } from './tie-to-session.ts';
import { timeoutOf } from './timeout-of.ts';
import type { Trip } from './trip.ts';

export interface ForwardOptions extends Omit<ForwardRules, 'besideOurs'> {
  /** MERGE_CSP_HEADERS. */
  readonly mergeCsp: boolean;
  /** Writes the answer at once, for upgrades whose upstream fails. */
  readonly answerError: (cause: unknown, request: Request, response: Response) => void;
}

export type Forward = (request: Request, response: Response, trip: Trip) => Promise<void>;

export interface Forwarding {
  readonly forward: Forward;
  /** Forgets what is kept for a session that is over. */
  readonly forget: (sessionId: string) => void;
}

/** Stage 7: sends the request on with its credential and streams the answer back. */
export function createForward(options: ForwardOptions): Forwarding {
  const { mergeCsp, answerError } = options;
  const rules = {
    ...options,
    besideOurs: ['set-cookie', 'vary', ...(mergeCsp ? ['content-security-policy'] : [])],
  };
  const forwardUpgrade = createForwardUpgrade(options.isOwnCookie);
  const broker = onFirstUse(async () => (await import('./csrf/forward-with-token.ts')).createTokenBroker(rules));
  return {
    forward: (request, response, trip) =>
      request.tunnel !== undefined
        ? forwardTunnel(rules, forwardUpgrade, answerError, request.tunnel, request, response, trip)
        : trip.brokering === undefined
          ? forwardRequest(rules, request, response, trip)
          : forwardBrokered(broker(), request, response, { ...trip, brokering: trip.brokering }),
    forget: (sessionId) => void broker.made?.then(({ forget }) => forget(sessionId)),
  };
}

async function forwardBrokered(
  broker: Promise<TokenBroker>,
  request: Request,
  response: Response,
  trip: BrokeredTrip,
): Promise<void> {
  await (await broker).forward(request, response, trip);
}

/** Most houses have no destination that needs it. */
function onFirstUse<T>(make: () => Promise<T>): { (): Promise<T>; made: Promise<T> | undefined } {
  const use = Object.assign(() => (use.made ??= make()), { made: undefined as Promise<T> | undefined });
  return use;
}

/** A credential that the backend refuses is got anew once, a connection that was closed while idle is replaced once. */
async function forwardRequest(rules: ForwardRules, request: Request, response: Response, trip: Trip): Promise<void> {
  const { destination, credential, renew } = trip;
  const { circuits } = rules;
  const repeatable = isRepeatable(request);
  const probe = circuits.enter(destination, hasBody(request) && !request.complete);
  let failure: unknown;
  try {
    const call = new BackendCall(rules, request, response, trip);
    const mayRetry = renew !== undefined && repeatable;
    let answered: boolean;
    try {
      answered = await call.send(credential, mayRetry);
    } catch (cause) {
      if (!repeatable || call.answerBegan || !isStale(cause, call.quiet)) throw cause;
      answered = await call.send(credential, mayRetry);
    }
    if (!answered && renew !== undefined) await call.send(await renew(call.challenge), false);
  } catch (cause) {
    failure = cause;
    throw forwardError(cause, destination, trip.admitted.route);
  } finally {
    circuits.ended(destination, probe, failure);
  }
}

async function forwardTunnel(
  rules: ForwardRules,
  forwardUpgrade: ForwardUpgrade,
  answerError: ForwardOptions['answerError'],
  { socket, head }: NonNullable<Request['tunnel']>,
  request: Request,
  response: Response,
  trip: Trip,
): Promise<void> {
  const { destination, credential } = trip;
  const { circuits } = rules;
  const call = new BackendCall(rules, request, response, trip);
  const probe = circuits.enter(destination);
  const step = beginCall(request, destination, call.path, 0);
  const outgoing = {
    target: destination,
    path: call.path,
    headers: call.headersWith(credential, step),
    timeout: timeoutOf(trip),
  };
  response.detachSocket(socket);
  const status = await forwardUpgrade(request, socket, head, outgoing, (cause) => {
    step?.fail(cause);
    circuits.ended(destination, probe, cause);
    if (socket.destroyed) return; // nobody is there to be answered
    response.assignSocket(socket);
    answerError(forwardError(cause, destination, trip.admitted.route), request, response);
  });
  if (status !== undefined) {
    circuits.answered(destination);
    if (status === 401) trip.doubt?.(undefined);
    endUpgrade(request, step, status);
  }
  tieTunnel(socket, trip.tie);
}
