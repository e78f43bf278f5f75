import type { Request, Response } from 'express';
import type { NeedsLogin, Refused } from '../src/authorization/authorize.ts';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { returnUrlFor } from '../src/login/return-url.ts';
import { beginLogin } from './begin-login.ts';
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
  if (!isNavigation(request))
    throw new AppError({
      code: 'ERR_LOGIN_REQUIRED',
      status: 401,
      members: { loginUrl: loginUrl(request, verdict.provider) },
    });
  if (house.embedding !== undefined && request.headers['sec-fetch-dest'] === 'iframe')
    return answerFrameLogin(house.embedding.origins, loginUrlFor(wish.url, verdict.provider), response);
  const allowed = house.config.settings.sapIdpAllowlist.split(/[\s,]+/);
  const identityProvider = wish.idp?.split(',').every((idp) => allowed.includes(idp))
    ? wish.idp
    : verdict.identityProvider;
  await beginLogin(house, request, response, { provider: verdict.provider, identityProvider, url: wish.url });
}

/** A GET by something that shows pages: Fetch Metadata says so, or nothing speaks against it. */
export function isNavigation({ method, headers }: Request): boolean {
  if (method !== 'GET' || headers['x-requested-with'] === 'XMLHttpRequest') return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  const { accept } = headers;
  return accept === undefined || /text\/html|application\/xhtml\+xml|\*\/\*/.test(accept);
}

/** Where a script that was refused sends its user; back to the page that the script runs on. */
export function loginUrl(request: Request, provider: string | undefined, claims?: string): string {
  const page = request.get('referer');
  const from = page === undefined ? undefined : URL.parse(page);
  const returnTo = from?.host === request.arrival.host ? from.pathname + from.search : '/';
  return loginUrlFor(returnTo, provider, claims);
}

function loginUrlFor(returnTo: string, provider: string | undefined, claims?: string): string {
  const query = new URLSearchParams({ return_to: returnUrlFor(returnTo) });
  if (provider !== undefined) query.set('provider', provider);
  if (claims !== undefined) query.set('claims', claims);
  return `/-/login?${query}`;
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
