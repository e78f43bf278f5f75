import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { AppError } from '../src/errors/app-error.ts';
import { tell } from '../src/extensions.ts';
import type { House } from '../src/house.ts';
import { goOnPage, goOnPolicy } from '../src/login/go-on-page.ts';
import { fragmentCookie, fragmentOf } from '../src/login/login-page.ts';
import { pendingLoginCookie } from '../src/login/pending-login.ts';
import { auditedUser } from '../src/observe/audit-event.ts';
import { readCookie } from '../src/session/cookie-header.ts';
import type { SessionData } from '../src/session/session-data.ts';
import { loginCookieFlags } from './begin-login.ts';
import type { Door } from './door.ts';

/** The redirect URI: finishes the login, under a new session id, and sends the browser where it wanted to go. */
export function callbackDoor(house: House): Door {
  return {
    path: house.logins.callbackPath,
    methods: {
      // HEAD is safe, and a login is not: a look at the address must not use its code up (RFC 9110 9.2.1).
      HEAD() {
        throw new AppError({ code: 'ERR_METHOD_NOT_ALLOWED', status: 405, headers: { allow: 'GET' } });
      },
      async GET(request, response) {
        const callback = new URL(request.arrival.url, 'http://callback').searchParams;
        const cookies = request.headers.cookie;
        // Consumed before anything is validated: an attempt works once (T-30).
        const attempt = pendingLoginCookie(callback.get('state') ?? '');
        if (attempt !== undefined) response.clearCookie(attempt, loginCookieFlags(house, request));
        const pending = house.logins.reopen(callback, cookies);
        const tokens = await house.logins.redeem(callback, pending);
        requireLife(tokens.expiresAt, house.config.settings.minimumTokenValidity);
        const earlier = await house.sessions.find(request);
        const data: SessionData = {
          ...keptFrom(earlier?.data, tokens.user.provider, tokens.user.claims['sub']),
          login: { ...tokens, obtainedAt: Date.now() },
        };
        const { id } = await house.sessions.replace(request, response, data);
        tell(house.extensions, 'login', id, house.log.warning);
        house.audit({ event: 'login', user: auditedUser(tokens.user), by: 'redirect' }, request);
        const fragment = fragmentOf(readCookie(cookies, fragmentCookie(pending.state)));
        if (fragment !== '') response.clearCookie(fragmentCookie(pending.state), { path: '/' });
        response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
        const url = pending.returnUrl + fragment;
        if (comesFromElsewhere(request) && house.cookieAttributes(request).sameSite === 'strict') {
          response.setHeader('Content-Security-Policy', goOnPolicy);
          return void response.type('html').send(goOnPage(url));
        }
        // Not by redirect(), which would rewrite characters of the deep link; its alphabet was checked (return-url.ts).
        response.writeHead(302, { location: url }).end();
      },
    },
  };
}

/** Browsers tell who began the way that led here (Fetch Metadata): the provider, where somebody signed in there just now. */
function comesFromElsewhere({ headers }: Request): boolean {
  return headers['sec-fetch-site'] === 'cross-site';
}

/** What another tab of the same user may go on with; another user's things end with the old session. */
function keptFrom(earlier: SessionData | undefined, provider: string, subject: unknown): SessionData {
  const before = earlier?.login?.user;
  if (
    earlier !== undefined &&
    typeof subject === 'string' &&
    before?.provider === provider &&
    before.claims['sub'] === subject
  )
    return { ...earlier };
  return { createdAt: Date.now(), csrfToken: randomUUID() };
}

/** MINIMUM_TOKEN_VALIDITY: a token that is about to end makes no session. Seconds; `expiresAt` in milliseconds. */
function requireLife(expiresAt: number, seconds: number | undefined): void {
  if (seconds === undefined || expiresAt - Date.now() >= seconds * 1000) return;
  throw new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 401,
    detail: 'The identity provider issued a token that ends too soon.',
    hint: "Raise the provider's token lifetime, or lower MINIMUM_TOKEN_VALIDITY.",
  });
}
