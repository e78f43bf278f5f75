import type { Request, Response } from 'express';
import { BackendCall, type ForwardRules } from '../backend-call.ts';
import { forwardError } from '../forward-error.ts';
import type { BrokeredTrip } from './fetch-token.ts';
import { createHoldBody } from './hold-body.ts';
import { createKeptTokens } from './kept-tokens.ts';
import { createObtainToken } from './obtain-token.ts';

/** Forwards modifying requests with the backend's CSRF token, which it fetches and keeps (docs/decisions/0018). */
export interface TokenBroker {
  /** @throws AppError as `forward` does */
  forward(request: Request, response: Response, trip: BrokeredTrip): Promise<void>;
  /** Forgets the tokens of a session that is over. */
  forget(sessionId: string): void;
}

/** Milliseconds: a request that can be sent once only goes with a token that is no older. */
const young = 30_000;

/** A request whose token is refused is sent once more with a new one, if its body is at hand. */
export function createTokenBroker(rules: ForwardRules): TokenBroker {
  const { circuits } = rules;
  const tokens = createKeptTokens();
  const obtain = createObtainToken(rules, tokens);
  const hold = createHoldBody();
  return {
    forget: tokens.forget,
    async forward(request, response, trip) {
      const { destination } = trip;
      const holding = hold(request);
      const { isRepeatable } = holding;
      // Before anything is asked: who sends slowly keeps nobody from trying a destination that was down.
      const body = await holding.body;
      if (body.kind === 'left') return holding.release();
      let probe = false;
      let failure: unknown;
      try {
        probe = circuits.enter(destination);
        const first = await obtain(request, trip, isRepeatable ? undefined : young);
        // A credential that was refused at the question is another one by now: that one is not in doubt.
        const sure = first.credential === trip.credential ? trip : { ...trip, doubt: undefined };
        const call = new BackendCall(rules, request, response, sure);
        if (body.kind === 'whole') call.body = body.bytes;
        const mayResend = isRepeatable && first.token !== undefined;
        call.shown = { token: first.token, cookies: first.cookies, mayResend };
        const answered = await call.send(first.credential, false);
        if (call.tokenRefused) first.refuse();
        if (answered) return;
        const { token, cookies, credential } = await obtain(request, { ...trip, keptCookies: first.jar }, undefined);
        call.shown = { token, cookies, mayResend: false };
        await call.send(credential, false);
      } catch (cause) {
        failure = cause;
        throw forwardError(cause, destination, trip.admitted.route);
      } finally {
        holding.release();
        circuits.ended(destination, probe, failure);
      }
    },
  };
}
