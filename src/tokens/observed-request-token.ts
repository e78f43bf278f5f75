import { currentWay } from '../observe/way.ts';
import { jwtPart } from '../session/jwt-part.ts';
import { lookAtForm, lookInto } from './look-into.ts';
import { isPlainField } from './plain-fields.ts';
import type { RequestToken } from './request-token.ts';

/** Requests tokens as `send` does, and tells who listens of each request: to whom, with what kind of grant, what came. */
export function observedRequestToken(send: RequestToken): RequestToken {
  return async (inquiry) => {
    const { destination, tokenService, fields, assertedUser, clientAssertion, bearer } = inquiry;
    const token = bearer ?? assertedUser?.token;
    let body: string | undefined;
    const step = currentWay()?.begin('token', {
      destination,
      grant: fields.grant_type,
      url: tokenService.url.origin + tokenService.url.pathname,
      clientId: tokenService.clientId,
      clientProof: bearer ? 'bearer' : clientAssertion ? 'fetched_assertion' : tokenService.clientAuthentication.method,
      subject: token === undefined ? undefined : () => jwtPart(token, 'claims'),
      sent: () => (body === undefined ? undefined : lookAtForm(body, isPlainField)),
    });
    if (step === undefined) return send(inquiry);
    try {
      const answer = await send({
        ...inquiry,
        onSent(form) {
          body = form;
        },
      });
      step.end({ expiresAt: answer.expiresAt, scope: answer.scope, issued: () => lookInto(answer.token) });
      return answer;
    } catch (cause) {
      step.fail(cause);
      throw cause;
    } finally {
      body = undefined; // who wanted to look has looked: nobody keeps what was sent
    }
  };
}
