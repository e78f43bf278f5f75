import type { Request, Response } from 'express';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { sessionFacts } from '../src/login/session-facts.ts';
import { sameSecret } from '../src/session/same-secret.ts';
import { loginUrl } from './answer-refusal.ts';
import { answerCsrfToken, asksForCsrfToken, provesItsOrigin } from './csrf.ts';
import type { Door } from './door.ts';
import { csrfRequired } from './logout.ts';
import { readForm } from './read-form.ts';

/**
 * `/-/session`: what a page may know of its session. Asking does not prolong it, so that a page that watches the clock
 * does not stop it; `POST` does, and reads claims and scopes again (docs/single-page-apps.md).
 */
export function sessionDoor(house: House): Door {
  const answer = async (request: Request, response: Response) => {
    const facts = sessionFacts(
      await house.sessions.peek(request),
      house.config.settings.jwtRefresh > 0,
      loginUrl(request, undefined),
    );
    if (facts.authenticated && asksForCsrfToken(request)) await tellCsrfToken(house, request, response);
    response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
    response.json(facts);
  };
  return {
    path: '/-/session',
    methods: {
      GET: answer,
      async POST(request, response) {
        const found = await house.sessions.find(request);
        if (found?.data.login === undefined)
          throw new AppError({
            code: 'ERR_LOGIN_REQUIRED',
            status: 401,
            members: { loginUrl: loginUrl(request, undefined) },
          });
        const { csrfToken } = found.data;
        if (!provesItsOrigin(house, request) && !sameSecret(request.get('x-csrf-token'), csrfToken))
          throw csrfRequired();
        await house.renewLogin(found, true);
        await answer(request, response);
      },
    },
  };
}

/** The token that is there is told without a use of the session; making one, once a session, is one. */
async function tellCsrfToken(house: House, request: Request, response: Response): Promise<void> {
  const peeked = await house.sessions.peek(request);
  if (peeked?.data.csrfToken !== undefined) response.setHeader('x-csrf-token', peeked.data.csrfToken);
  else await answerCsrfToken(house, request, response, await house.sessions.find(request));
}

/**
 * `POST /-/session/adopt`: a frame takes over the session of the window that logged in for it (hand-over.ts). Only pages
 * of our own: anybody else could make a browser adopt the session of somebody else (login CSRF, T-30).
 */
export function adoptSessionDoor(house: House): Door {
  return {
    path: '/-/session/adopt',
    methods: {
      async POST(request, response) {
        const { scheme, host } = request.arrival;
        if (request.get('origin') !== `${scheme}://${host}`) throw new AppError({ code: 'ERR_FORBIDDEN', status: 403 });
        const { code, verifier } = await readForm(request, response);
        const id =
          typeof code === 'string' && typeof verifier === 'string'
            ? await house.embedding?.handOvers.accept(code, verifier)
            : undefined;
        if (id === undefined || !(await house.sessions.handTo(request, response, id)))
          throw new AppError({
            code: 'ERR_LOGIN_FAILED',
            status: 401,
            detail: 'The login could not be handed over.',
            hint: 'Log in again.',
          });
        response.setHeader('Cache-Control', 'no-store');
        response.status(204).end();
      },
    },
  };
}
