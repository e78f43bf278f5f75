import type { Arrival } from '../accept/arrival.ts';
import type { IdentityProvider } from '../config/identity-provider.ts';
import { AppError } from '../errors/app-error.ts';
import { readCookie } from '../session/cookie-header.ts';
import { sameSecret } from '../session/same-secret.ts';
import { callbackQuery } from './callback-query.ts';
import { beginPendingLogin, openPendingLogin, type PendingLogin, pendingLoginCookie } from './pending-login.ts';
import type { RelyingParty, Tokens } from './relying-party.ts';
import { returnUrlFor } from './return-url.ts';

/** Logins begun and finished. Nothing is kept here between the two: the attempt rides in its own cookie. */
export interface Logins {
  /** Path of the callback: where providers send the browser back. */
  readonly callbackPath: string;
  /** @throws AppError 400 for an unknown provider, 502 when it cannot be reached */
  begin(arrival: Arrival, wish: LoginWish): Promise<BegunLogin>;
  /**
   * The attempt that a callback belongs to.
   * @param callback query of the callback
   * @param cookies the request's Cookie header
   * @throws AppError 400 when it was not begun in this browser (T-30, T-31), 401 when it took too long
   */
  reopen(callback: URLSearchParams, cookies: string | undefined): PendingLogin;
  /** Exchanges the code. @throws AppError 401, 403, 502, with a way to begin again */
  redeem(callback: URLSearchParams, pending: PendingLogin): Promise<Tokens>;
}

export interface LoginWish {
  readonly provider: string;
  readonly identityProvider?: string | undefined;
  /** Claims that an API or the provider demands, as JSON (OpenID Connect Core 5.5). */
  readonly claims?: string | undefined;
  /** Path and query where the user wanted to go. */
  readonly url: string;
}

export interface BegunLogin {
  readonly authorizationUrl: URL;
  readonly pending: PendingLogin;
  /** Carries the attempt to the callback. `maxAge` in milliseconds. */
  readonly cookie: { readonly name: string; readonly value: string; readonly maxAge: number };
}

export interface LoginOptions {
  readonly parties: ReadonlyMap<string, { readonly provider: IdentityProvider; readonly party: RelyingParty }>;
  /** The first seals attempts, all open them; 32 bytes each. */
  readonly keys: readonly [Buffer, ...Buffer[]];
  readonly callbackPath: string;
  /** Seconds that a begun login stays valid. */
  readonly validity: number;
  /** Told of each login that begins. */
  readonly onBegun?: (provider: IdentityProvider, redirectUri: string) => void;
}

/** The cookie outlives the attempt by an hour, so that "too late" can be told from "not begun here". */
const afterlife = 3_600_000;

export function createLogins({ parties, keys, callbackPath, validity, onBegun }: LoginOptions): Logins {
  const partyOf = (provider: string): RelyingParty => {
    const found = parties.get(provider);
    if (found === undefined)
      throw new AppError({ code: 'ERR_LOGIN_FAILED', status: 400, detail: 'There is no such identity provider.' });
    return found.party;
  };
  const queryOf = (provider: string): string => {
    const found = parties.get(provider);
    return found === undefined ? '' : callbackQuery(found.provider);
  };
  return {
    callbackPath,
    async begin({ scheme, host }, { provider, identityProvider, claims, url }) {
      const { pending, cookie } = beginPendingLogin(
        {
          provider,
          returnUrl: returnUrlFor(url),
          redirectUri: `${scheme}://${host}${callbackPath}${queryOf(provider)}`,
        },
        keys[0],
      );
      const authorizationUrl = await partyOf(provider).authorizationUrl(pending, { identityProvider, claims });
      const begunAt = parties.get(provider);
      if (begunAt !== undefined) onBegun?.(begunAt.provider, pending.redirectUri);
      return { authorizationUrl, pending, cookie: { ...cookie, maxAge: validity * 1000 + afterlife } };
    },
    reopen(callback, cookies) {
      // No parameter may come twice (RFC 6749 3.1), nor dressed as an array (T-31).
      const doubled = ['code', 'state', 'error', 'iss'].some((name) => callback.getAll(name).length > 1);
      const name = pendingLoginCookie(callback.get('state') ?? '');
      const value = name && readCookie(cookies, name);
      const pending = name && value ? openPendingLogin(name, value, keys) : undefined;
      if (doubled || pending === undefined || !sameSecret(callback.get('state'), pending.state)) throw notBegunHere();
      if (Date.now() - pending.begunAt > validity * 1000) throw tooLate(pending);
      return pending;
    },
    async redeem(callback, pending) {
      try {
        return await partyOf(pending.provider).redeem(callback, pending);
      } catch (refusal) {
        throw refusal instanceof AppError ? refusal.with({ loginUrl: againUrl(pending) }) : refusal;
      }
    },
  };
}

function notBegunHere(): AppError {
  return new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 400,
    detail: 'This login was not begun in this browser, or was finished already.',
    hint: 'Begin again where you came from.',
  });
}

function tooLate(pending: PendingLogin): AppError {
  return new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 401,
    detail: 'The login took too long.',
    hint: 'Begin again.',
    members: { loginUrl: againUrl(pending) },
  });
}

/** Where the same login begins once more. */
function againUrl({ provider, returnUrl }: PendingLogin): string {
  return `/-/login?${new URLSearchParams({ return_to: returnUrl, provider })}`;
}
