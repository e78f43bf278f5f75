import type { Request, Response } from 'express';
import type { NeedsLogin, Refused } from '../src/authorization/authorize.ts';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { loginUrlFor } from '../src/login/login-url.ts';
import { beginLogin } from './begin-login.ts';
import { answerChooser } from './choose-provider.ts';
import { answerFrameLogin } from './frame-login.ts';
import { csrfRequired } from './logout.ts';

/**
 * Answers a caller who was not admitted: a person who navigates goes to the login, a script gets 401 and where to log in,
 * a WebSocket 403 (xs-app.md 6.1, 8.8; wants 29).
 */
export async function answerRefusal(
  house: House,
  verdict: NeedsLogin | Refused,
  request: Request,
  response: Response,
  wish: { readonly url: string; readonly idp: string | undefined },
): Promise<void> {
  if (verdict.kind === 'refused') throw verdict.reason === 'csrf' ? csrfRequired() : forbidden();
  if (request.tunnel !== undefined) throw forbidden();
  if (verdict.by === 'basic') throw basicRequired();
  const wished = wish.idp !== undefined && house.mayWish(wish.idp) ? wish.idp : undefined;
  // A name of ours chooses among the providers that the route takes; any other is theirs to understand.
  const named = wished !== undefined && verdict.accepts.includes(wished) ? wished : undefined;
  const chooses = named === undefined && verdict.accepts.length > 1;
  const provider = chooses ? undefined : (named ?? verdict.provider);
  const identityProvider = named === undefined ? (wished ?? verdict.identityProvider) : undefined;
  if (!isNavigation(request))
    throw new AppError({
      code: 'ERR_LOGIN_REQUIRED',
      status: 401,
      members: { loginUrl: loginUrl(request, provider, undefined, identityProvider) },
      ...(house.takesBearer(request.arrival.path) ? { headers: { 'www-authenticate': 'Bearer' } } : {}), // RFC 6750 3
    });
  if (house.embedding !== undefined && request.headers['sec-fetch-dest'] === 'iframe')
    return answerFrameLogin(house.embedding.origins, loginUrlFor(wish.url, { provider, identityProvider }), response);
  if (provider === undefined) return answerChooser(house.choice, { url: wish.url, identityProvider }, response);
  await beginLogin(house, request, response, { provider, identityProvider, url: wish.url });
}

/** A GET by something that shows pages: Fetch Metadata says so, or nothing speaks against it. */
export function isNavigation({ method, headers }: Request): boolean {
  if (method !== 'GET' || headers['x-requested-with'] === 'XMLHttpRequest') return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  const { accept } = headers;
  return accept === undefined || /text\/(?:html|\*)|application\/xhtml\+xml|\*\/\*/i.test(accept);
}

/** Where a script that was refused sends its user; back to the page that the script runs on. */
export function loginUrl(
  request: Request,
  provider: string | undefined,
  claims?: string,
  identityProvider?: string,
): string {
  const page = request.get('referer');
  const from = page === undefined ? undefined : URL.parse(page);
  const returnTo = from?.host === request.arrival.host ? from.pathname + from.search : '/';
  return loginUrlFor(returnTo, { provider, claims, identityProvider });
}

/** RFC 7617 2: the browser asks for user and password itself. */
function basicRequired(): AppError {
  return new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="portunus", charset="UTF-8"' },
  });
}

function forbidden(): AppError {
  return new AppError({ code: 'ERR_FORBIDDEN', status: 403 });
}
