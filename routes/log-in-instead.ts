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
 * Answers what has failed for want of something that only the user can bring (to log in again, to meet a policy): a
 * navigation becomes a login that asks for it, a script is told where to log in (token-flows.md A10).
 * @param cause why no credential could be had, or why the upstream refused it
 * @throws AppError any other cause, as it is
 */
export async function logInInstead(
  house: House,
  cause: unknown,
  { verdict, session, url }: Wanted,
  request: Request,
  response: Response,
): Promise<void> {
  const { principal } = verdict;
  const provider = principal.kind === 'user' ? principal.provider : house.defaultProvider(request.arrival.host);
  if (!(cause instanceof AppError) || cause.status !== 401 || provider === undefined) throw cause;
  const claims = claimsOf(cause.headers['www-authenticate']);
  const again = Date.now() - (session?.data.login?.obtainedAt ?? 0) < justNow;
  if (request.tunnel !== undefined || again || !isNavigation(request))
    throw cause.with({ loginUrl: loginUrl(request, provider, claims) });
  await beginLogin(house, request, response, { provider, claims, url });
}

export interface Wanted {
  readonly verdict: Admitted;
  readonly session: FoundSession | undefined;
  /** Path and query to come back to. */
  readonly url: string;
}
