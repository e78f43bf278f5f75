import type { Request, Response } from 'express';
import type { Admitted } from '../src/authorization/authorize.ts';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import type { FoundSession } from '../src/session/sessions.ts';
import { claimsOf } from '../src/tokens/claims-challenge.ts';
import { isNavigation, loginUrl } from './answer-refusal.ts';
import { beginLogin } from './begin-login.ts';

/** Milliseconds after a login in which another one would bring nothing new: without this, browser and provider would go in circles. */
const justNow = 60_000;

/**
 * Does what needs a credential for a destination: gets the first one, or another after the upstream refused it. When only
 * the user can mend what is missing (log in again, meet a policy), a navigation becomes a login that asks for it, and a
 * script is told where to log in (token-flows.md A10).
 * @param work fails with an AppError 401 when the user must act
 * @returns undefined after the browser was sent to the login
 * @throws AppError
 */
export async function orLogIn<T>(
  house: House,
  { verdict, session, url }: Wanted,
  request: Request,
  response: Response,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    const { principal } = verdict;
    const provider = principal.kind === 'user' ? principal.provider : house.defaultProvider;
    if (!(cause instanceof AppError) || cause.status !== 401 || provider === undefined) throw cause;
    const claims = claimsOf(cause.headers['www-authenticate']);
    const again = Date.now() - (session?.data.login?.obtainedAt ?? 0) < justNow;
    if (request.tunnel !== undefined || again || !isNavigation(request))
      throw cause.with({ loginUrl: loginUrl(request, provider, claims) });
    await beginLogin(house, request, response, { provider, claims, url });
    return undefined;
  }
}

export interface Wanted {
  readonly verdict: Admitted;
  readonly session: FoundSession | undefined;
  /** Path and query to come back to. */
  readonly url: string;
}
