import type { Request, Response } from 'express';
import { clientThumbprint } from '../src/accept/client-certificate.ts';
import { anonymous, type Principal } from '../src/authorization/principal.ts';
import { AppError } from '../src/errors/app-error.ts';
import { tell } from '../src/extensions.ts';
import type { House } from '../src/house.ts';
import { auditedUser } from '../src/observe/audit-event.ts';
import type { Access } from '../src/routing/route.ts';
import type { FoundSession } from '../src/session/sessions.ts';

declare module 'http' {
  interface IncomingMessage {
    /** Who asked, once it is known. */
    principal?: Principal;
  }
}

/** Who is asking: somebody with a session, a machine with a token, or nobody known. */
export interface Visitor {
  readonly principal: Principal;
  readonly session: FoundSession | undefined;
  /** A token in a header is sent by a program on purpose, never by a browser on its own: no CSRF (xs-app.md section 7). */
  readonly csrfExempt: boolean;
}

/**
 * The caller of a request. `x-approuter-authorization` stands for a login (xs-app.md section 9): such a call has no
 * session, and a token that is not accepted is refused, never ignored. On a route of type `basic`, user and password
 * make a session as the redirect login does.
 * @throws AppError 401, and 502 when the provider cannot be reached
 */
export async function visitorOf(house: House, access: Access, request: Request, response: Response): Promise<Visitor> {
  const presented = request.headers['x-approuter-authorization'];
  if (presented !== undefined && house.loginIsOn && house.parties.size > 0) {
    const token = bearerOf(String(presented));
    if (token === undefined) throw unreadable();
    return machine(await house.verifyCallerToken(token, clientThumbprint(request)));
  }
  if (presentsBearer(house, access, request)) {
    const token = bearerOf(request.get('authorization'));
    if (token === undefined) throw unreadable();
    return machine(await house.verifyCallerToken(token, clientThumbprint(request)));
  }
  const found = await house.renewLogin(await house.sessions.find(request));
  const session = found?.data.login ? found : ((await logInByBasic(house, access, request, response)) ?? found);
  return { principal: session?.data.login?.user ?? anonymous, session, csrfExempt: false };
}

function machine(principal: Principal): Visitor {
  return { principal, session: undefined, csrfExempt: true };
}

function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +([\w.~+/=-]+)$/i.exec(header ?? '')?.[1];
}

/**
 * Whether `Authorization: Bearer` stands for a login here (PORTUNUS_BEARER_PATHS): on routes with a login only, for on
 * public ones it is the backend's.
 */
export function presentsBearer(house: House, access: Access, request: Request): boolean {
  if (access.kind === 'public' || !/^bearer(?: |$)/i.test(request.get('authorization') ?? '')) return false;
  return house.takesBearer(request.arrival.path);
}

async function logInByBasic(
  house: House,
  access: Access,
  request: Request,
  response: Response,
): Promise<FoundSession | undefined> {
  if (access.kind === 'public' || access.by !== 'basic') return undefined;
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(request.get('authorization') ?? '')?.[1];
  const party = house.parties.get(access.provider)?.party;
  if (encoded === undefined || party === undefined) return undefined;
  const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const tokens = await party.logInWithPassword(user, rest.join(':')).catch((cause) => {
    // Wrong credentials are asked for again (RFC 7617 2); a provider that is down is not the user's mistake.
    if (cause instanceof AppError && cause.status < 500) {
      house.audit({ event: 'login-failed', provider: access.provider, reason: cause.code }, request);
      return undefined;
    }
    throw cause;
  });
  if (tokens === undefined) return undefined;
  const now = Date.now();
  const session = await house.sessions.replace(request, response, {
    createdAt: now,
    login: { ...tokens, obtainedAt: now },
  });
  tell(house.extensions, 'login', session.id, house.log.warning);
  house.audit({ event: 'login', user: auditedUser(tokens.user), by: 'basic' }, request);
  return session;
}

function unreadable(): AppError {
  return new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    detail: 'The header must be "Bearer" and a token.',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
