import type { Request } from 'express';
import { anonymous, type Principal } from '../src/authorization/principal.ts';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import type { FoundSession } from '../src/session/sessions.ts';

/** Who is asking: somebody with a session, a machine with a token, or nobody known. */
export interface Visitor {
  readonly principal: Principal;
  readonly session: FoundSession | undefined;
  /** A token in a header is sent by a program on purpose, never by a browser on its own: no CSRF (xs-app.md section 7). */
  readonly csrfExempt: boolean;
}

/**
 * The caller of a request. `x-approuter-authorization` stands for a login (xs-app.md section 9): such a call has no
 * session, and a token that is not accepted is refused, never ignored.
 * @throws AppError 401
 */
export async function visitorOf(house: House, request: Request): Promise<Visitor> {
  const presented = request.headers['x-approuter-authorization'];
  if (presented !== undefined && house.parties.size > 0) {
    const token = /^bearer +([\w.~+/=-]+)$/i.exec(String(presented))?.[1];
    if (token === undefined) throw unreadable();
    return { principal: await house.verifyCallerToken(token), session: undefined, csrfExempt: true };
  }
  const session = await house.renewLogin(await house.sessions.find(request));
  return { principal: session?.data.login?.user ?? anonymous, session, csrfExempt: false };
}

function unreadable(): AppError {
  return new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    detail: 'x-approuter-authorization must be "Bearer" and a token.',
    headers: { 'www-authenticate': 'Bearer' },
  });
}
