import type { User } from '../authorization/principal.ts';
import type { PendingLogin } from './pending-login.ts';
import type { LogoutSubject, LogoutTokenRules } from './verify-logout-token.ts';

/** We, towards one identity provider: the protocol side of a login. */
export interface RelyingParty {
  /** Asks what a login will need, ahead of the first; absent where nothing has to be asked. @throws when it cannot be asked */
  prepare?(): Promise<void>;
  /** Where the browser is sent to log in. */
  authorizationUrl(pending: PendingLogin, options: AuthorizationOptions): Promise<URL>;
  /** Exchanges the code of a callback. @throws AppError ERR_LOGIN_FAILED */
  redeem(callback: URLSearchParams, pending: PendingLogin): Promise<Tokens>;
  /** Renews with the refresh token. @throws AppError ERR_LOGIN_FAILED */
  refresh(earlier: Renewable): Promise<Tokens>;
  /** Where the browser is sent after the session here has ended; undefined when the provider has no such place. */
  endSessionUrl(options: {
    readonly idToken: string | undefined;
    readonly returnTo: URL | undefined;
  }): Promise<URL | undefined>;
  /**
   * The user of a token that a caller presents: signature, issuer, audience, algorithm, expiry and kind are checked.
   * @throws AppError 401; 502 when the provider's keys cannot be had
   */
  verifyToken(token: string): Promise<User>;
  /** Logs in with user name and password (RFC 6749 4.3), for routes of type `basic`. @throws AppError ERR_LOGIN_FAILED */
  logInWithPassword(user: string, password: string): Promise<Tokens>;
  /**
   * Exchanges a token that another application got for us (IAS application to application) for one of our own; absent
   * where the provider has no such thing. @throws AppError ERR_LOGIN_FAILED
   */
  exchangeToken?(token: string): Promise<User>;
  /** Attributes of the user that no token carries; absent where the provider has none. @throws when it cannot be asked */
  userAttributes?(token: string): Promise<Readonly<Record<string, unknown>>>;
  /** Checks a back-channel logout token; absent where the provider makes none. @throws AppError 400 */
  verifyLogoutToken?(token: string, firstUse: LogoutTokenRules['firstUse']): Promise<LogoutSubject>;
  /** Gives a refresh token back (RFC 7009); absent where the provider has no such place. @throws when it is refused */
  revoke?(refreshToken: string): Promise<void>;
  /** Whether a name is the provider's own, as at front-channel logout. @throws AppError when it cannot be asked */
  isIssuer?(named: string): Promise<boolean>;
}

/** Wishes that travel with the browser to the provider. */
export interface AuthorizationOptions {
  readonly identityProvider?: string | undefined;
  /** JSON (OpenID Connect Core 5.5). */
  readonly claims?: string | undefined;
}

/** What a renewal starts from. */
export interface Renewable {
  readonly refreshToken: string;
  readonly idToken: string | undefined;
}

/** What a login or a renewal brought, verified. */
export interface Tokens {
  readonly user: User;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly sid: string | undefined;
  /** Milliseconds since the epoch at which the token that is handed on ends. */
  readonly expiresAt: number;
}
