import type { Request, Response } from 'express';
import { clientThumbprint } from '../src/accept/client-certificate.ts';
import { anonymous, type Principal, type User } from '../src/authorization/principal.ts';
import { AppError } from '../src/errors/app-error.ts';
import { tell, tellUse } from '../src/extensions.ts';
import type { House } from '../src/house.ts';
import { type CallerProof, readBasic, readBearer, readCallerProof } from '../src/login/caller-proof.ts';
import { externalSessionId } from '../src/login/external-session.ts';
import { auditedUser } from '../src/observe/audit-event.ts';
import { showSession } from '../src/own-script/show-session.ts';
import type { Access } from '../src/routing/route.ts';
import type { FoundSession } from '../src/session/sessions.ts';
import { callerJar, type Jar, sessionJar } from './jar.ts';

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
  /** Where backends' session cookies are kept for it. */
  readonly jar: Jar;
}

/**
 * The caller of a request. A proof in a header stands for a login (xs-app.md section 9): one that is not accepted is
 * refused, never ignored. On a route of type `basic`, user and password make a session as the redirect login does.
 * @returns a value when it is at hand: no tick is lost on the way most requests go
 * @throws AppError 400, 401, and 502 when the provider cannot be reached
 */
export function visitorOf(
  house: House,
  access: Access,
  request: Request,
  response: Response,
): Visitor | Promise<Visitor> {
  const proof = proofOf(house, access, request);
  if (proof !== undefined) return programWith(house, proof, request, response);
  const found = house.sessions.find(request);
  const renewed = found instanceof Promise ? found.then((one) => house.renewLogin(one)) : house.renewLogin(found);
  return renewed instanceof Promise
    ? renewed.then((one) => personWith(house, access, one, request, response))
    : personWith(house, access, renewed, request, response);
}

function personWith(
  house: House,
  access: Access,
  found: FoundSession | undefined,
  request: Request,
  response: Response,
): Visitor | Promise<Visitor> {
  const known = (session: FoundSession | undefined): Visitor => {
    if (house.extensions.own && session) {
      showSession(request, session);
      tellUse(house.extensions, session.id, house.idleTime / 60_000, house.log.warning);
    }
    const jar = sessionJar(house, session, request, response);
    return { principal: session?.data.login?.user ?? anonymous, session, csrfExempt: false, jar };
  };
  if (access.kind === 'public' || access.by !== 'basic') return known(found);
  const login = found?.data.login;
  // One at another provider is none here, and must not keep the caller from a new one.
  if (login !== undefined && access.accepts.includes(login.user.provider)) return known(found);
  return logInByBasic(house, access.provider, request, response).then((session) => known(session ?? found));
}

async function programWith(house: House, proof: CallerProof, request: Request, response: Response): Promise<Visitor> {
  const caller = await house.verifyCaller(proof, clientThumbprint(request));
  return programOf(house, caller, request, response);
}

/** A program: it may run a session of its own here; the browser's, if a cookie of one comes along, is not its. */
async function programOf(house: House, principal: User, request: Request, response: Response): Promise<Visitor> {
  const { externalSessionSecret, externalSessionSecretAlternative, storeCallerCookies, callerCsrf } =
    house.config.settings;
  const secrets = [externalSessionSecret, externalSessionSecretAlternative].filter((secret) => secret !== undefined);
  const id = externalSessionId(request.headers, secrets);
  const session = id === undefined ? undefined : await house.sessions.adopt(id);
  const keepsHere = session !== undefined && storeCallerCookies;
  const jar = keepsHere
    ? sessionJar(house, session, request, response)
    : callerJar(house, principal, request, response);
  return { principal, session, csrfExempt: session === undefined || !callerCsrf, jar };
}

/** What a program shows instead of a session: in a header of its own, or in `Authorization` where that is taken. */
function proofOf(house: House, access: Access, request: Request): CallerProof | undefined {
  if (!house.loginIsOn || house.parties.size === 0) return undefined;
  const shown = readCallerProof(request.headers);
  if (shown !== undefined || !presentsBearer(house, access, request)) return shown;
  return readBearer(request.get('authorization') ?? '');
}

/**
 * Whether `Authorization: Bearer` stands for a login here (PORTUNUS_BEARER_PATHS): on routes with a login only, for on
 * public ones it is the backend's.
 */
export function presentsBearer(house: House, access: Access, request: Request): boolean {
  const { authorization } = request.headers;
  if (authorization === undefined || access.kind === 'public' || !/^bearer(?: |$)/i.test(authorization)) return false;
  return house.takesBearer(request.arrival.path);
}

async function logInByBasic(
  house: House,
  provider: string,
  request: Request,
  response: Response,
): Promise<FoundSession | undefined> {
  const shown = readBasic(/^basic +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? '');
  const party = house.parties.get(provider)?.party;
  if (shown === undefined || party === undefined) return undefined;
  const tokens = await party.logInWithPassword(shown.user, shown.password).catch((cause) => {
    // Wrong credentials are asked for again (RFC 7617 2); a provider that is down is not the user's mistake.
    if (cause instanceof AppError && cause.status < 500) {
      house.audit({ event: 'login-failed', provider, reason: cause.code }, request);
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
