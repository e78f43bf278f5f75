import type { Request, Response } from 'express';
import { AppError } from '../src/errors/app-error.ts';
import type { House } from '../src/house.ts';
import { auditedUser } from '../src/observe/audit-event.ts';
import { withoutCookies } from '../src/session/cookie-header.ts';
import { sameSecret } from '../src/session/same-secret.ts';
import type { Login } from '../src/session/session-data.ts';
import { answerCsrfToken, asksForCsrfToken } from './csrf.ts';
import type { Door } from './door.ts';

export interface LogoutSettings {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly csrf: boolean;
  /** Path or absolute URL. */
  readonly page: string | undefined;
}

const notCached = 'no-cache, no-store, must-revalidate';

/** Ends the session here, then at the provider (xs-app.md 6.7; OpenID Connect RP-Initiated Logout). */
export function logoutDoor(house: House, settings: LogoutSettings): Door {
  /** The provider's logout, for the user of a login or for nobody. */
  const providersLogout = async (login: Login | undefined, request: Request): Promise<URL | undefined> => {
    const provider = login?.user.provider ?? house.defaultProvider(request.arrival.host);
    const party = provider === undefined ? undefined : house.parties.get(provider)?.party;
    // The session is over whether the provider can be asked or not.
    return party?.endSessionUrl({ idToken: login?.idToken, returnTo: pageUrl(settings.page, request) }).catch(() => {
      house.log.warning(`the logout could not be carried on to the identity provider "${provider}"`);
      return undefined;
    });
  };
  const end = async (request: Request, response: Response): Promise<URL | undefined> => {
    const ended = await house.sessions.end(request, response);
    response.setHeader('Cache-Control', notCached);
    const login = ended?.data.login;
    if (login) house.audit({ event: 'logout', user: auditedUser(login.user), by: 'user' }, request);
    const { arrival, rawHeaders, headers } = request;
    const cookie = withoutCookies(headers.cookie, house.hidesCookie);
    if (ended) await house.endLogin(ended, 'logout', { arrival, rawHeaders, cookie });
    return providersLogout(login, request);
  };

  const goOn = (request: Request, response: Response, location: URL | undefined) => {
    if (skipsRedirect(request)) return void response.end();
    response.redirect(302, (location ?? pageUrl(settings.page, request))?.href ?? '/');
  };

  if (settings.method === 'GET')
    return {
      path: settings.path,
      methods: {
        GET: async (request, response) => goOn(request, response, await end(request, response)),
        // HEAD is safe: it tells where a GET would lead, and ends nothing (RFC 9110 9.2.1, 9.3.2).
        async HEAD(request, response) {
          response.setHeader('Cache-Control', notCached);
          const found = await house.sessions.find(request);
          goOn(request, response, await providersLogout(found?.data.login, request));
        },
      },
    };
  return {
    path: settings.path,
    methods: {
      async GET(request, response) {
        if (!asksForCsrfToken(request))
          throw new AppError({ code: 'ERR_METHOD_NOT_ALLOWED', status: 405, headers: { allow: 'POST' } });
        await answerCsrfToken(house, request, response, await house.sessions.find(request));
        response.end();
      },
      async POST(request, response) {
        const presented = request.get('x-csrf-token');
        const found = await house.sessions.find(request);
        if (settings.csrf && !sameSecret(presented, found?.data.csrfToken)) throw csrfRequired();
        const location = await end(request, response);
        response.type('html');
        if (skipsRedirect(request)) return void response.end();
        response.send((location ?? pageUrl(settings.page, request))?.href ?? '/');
      },
    },
  };
}

/** The provider began it and waits for no redirect (xs-app.md 6.7). */
function skipsRedirect(request: Request): boolean {
  const wish = new URL(request.arrival.url, 'http://logout').searchParams.get('skip-redirect');
  return wish === '' || wish === 'true';
}

export function csrfRequired(): AppError {
  return new AppError({ code: 'ERR_CSRF', status: 403, headers: { 'x-csrf-token': 'Required' } });
}

/** `logoutPage` as the absolute URL the provider wants; query parameters of the call are appended to it. */
function pageUrl(page: string | undefined, request: Request): URL | undefined {
  if (page === undefined) return undefined;
  const { scheme, host, url } = request.arrival;
  const target = new URL(page, `${scheme}://${host}`);
  for (const [name, value] of new URL(url, 'http://logout').searchParams) {
    if (name !== 'skip-redirect') target.searchParams.append(name, value);
  }
  return target;
}
