import type { Request, Response } from 'express';
import type { Admitted } from '../src/authorization/authorize.ts';
import type { Destination } from '../src/destinations/destination.ts';
import { AppError } from '../src/errors/app-error.ts';
import { claimsOf } from '../src/forwarding/claims-challenge.ts';
import type { House } from '../src/house.ts';
import type { FoundSession } from '../src/session/sessions.ts';
import type { Credential } from '../src/tokens/credential.ts';
import { isNavigation, loginUrl } from './answer-refusal.ts';
import { beginLogin } from './begin-login.ts';

/** Milliseconds after a login in which another one would bring nothing new: without this, browser and provider would go in circles. */
const justNow = 60_000;

/**
 * The credential for a destination. When only the user can mend what is missing (log in again, meet a policy), a
 * navigation becomes a login that asks for it, and a script is told where to log in (token-flows.md A10).
 * @returns undefined after the browser was sent to the login
 * @throws AppError
 */
export async function obtainCredential(
  house: House,
  { verdict, destination, session, url }: Wanted,
  request: Request,
  response: Response,
): Promise<Credential | undefined> {
  try {
    return await house.tokens.obtain(destination, verdict.principal);
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
  readonly destination: Destination;
  readonly session: FoundSession | undefined;
  /** Path and query to come back to. */
  readonly url: string;
}
