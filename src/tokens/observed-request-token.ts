import { currentWay } from '../observe/way.ts';
import { jwtPart } from './jwt-part.ts';
import type { RequestToken } from './request-token.ts';

/** Requests tokens as `send` does, and tells who listens of each request: to whom, with what kind of grant, what came. */
export function observedRequestToken(send: RequestToken): RequestToken {
  return async (inquiry) => {
    const { destination, tokenService, fields, assertedUser, bearer } = inquiry;
    const token = bearer ?? assertedUser?.token;
    const step = currentWay()?.begin('token', {
      destination,
      grant: fields.grant_type,
      url: tokenService.url.origin + tokenService.url.pathname,
      clientId: tokenService.clientId,
      subject: token === undefined ? undefined : () => jwtPart(token, 'claims'),
    });
    if (step === undefined) return send(inquiry);
    try {
      const answer = await send(inquiry);
      step.end({ expiresAt: answer.expiresAt, claims: () => jwtPart(answer.token, 'claims') });
      return answer;
    } catch (cause) {
      step.fail(cause);
      throw cause;
    }
  };
}
