import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { House } from '../src/house.ts';
import { loginPage } from '../src/login/login-page.ts';
import type { LoginWish } from '../src/login/logins.ts';

/**
 * Sends the browser to the provider: by a page that keeps the deep link's fragment, or by a plain redirect where there
 * can be none (xs-app.md 6.2).
 */
export async function beginLogin(house: House, request: Request, response: Response, wish: LoginWish): Promise<void> {
  const { authorizationUrl, pending, cookie } = await house.logins.begin(request.arrival, wish);
  response.cookie(cookie.name, cookie.value, {
    ...loginCookieFlags(house, request),
    maxAge: cookie.maxAge,
    encode: String,
  });
  response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
  if (!house.preserveFragment || !canHaveFragment(request)) return response.redirect(302, authorizationUrl.href);
  const nonce = randomBytes(16).toString('base64');
  const policy = loginPolicy(house.config.settings, nonce);
  if (policy !== undefined) response.setHeader('Content-Security-Policy', policy);
  response.type('html').send(loginPage(authorizationUrl, pending.state, nonce, request.arrival.scheme === 'https'));
}

/** Strict would keep the cookie from the provider's redirect back (RFC 6265bis 5.2), and no login would ever finish. */
export function loginCookieFlags(house: House, request: Request) {
  const flags = house.cookieAttributes(request);
  const sameSite = flags.sameSite === 'strict' ? ('lax' as const) : flags.sameSite;
  return { ...flags, sameSite, httpOnly: true, path: house.logins.callbackPath };
}

/** Browsers say what a navigation is (Fetch Metadata) or at least who they are; nobody else has a fragment to lose. */
function canHaveFragment(request: Request): boolean {
  return (
    request.headers['sec-fetch-mode'] !== undefined || request.headers['user-agent']?.startsWith('Mozilla/') === true
  );
}

/** The policy of login pages (xs-app.md 4.2): scripts by nonce only, in each of its forms. */
function loginPolicy(
  settings: { extendedLoginCsp: boolean; omitLoginCsp: boolean },
  nonce: string,
): string | undefined {
  if (settings.omitLoginCsp) return undefined;
  const script = `script-src 'nonce-${nonce}'`;
  if (!settings.extendedLoginCsp) return `default-src 'none'; ${script}; base-uri 'none'; form-action 'none'`;
  return `default-src 'self'; ${script}; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'`;
}
