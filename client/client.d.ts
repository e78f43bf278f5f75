/** What `/-/session` says. Never a token. */
export type Session =
  | { readonly authenticated: false; readonly loginUrl: string }
  | {
      readonly authenticated: true;
      readonly user: {
        /** The provider's own name for the user (`sub`). */
        readonly id?: string;
        readonly name?: string;
        readonly firstname?: string;
        readonly lastname?: string;
        readonly email?: string;
      };
      /** Name of the identity provider, as configured. */
      readonly provider: string;
      readonly scopes: readonly string[];
      /** Whole seconds until the session ends if nothing is done. */
      readonly expiresIn: number;
    };

export interface ClientOptions {
  /**
   * The browser let no window open, because no click was near. Show a button; its click handler calls `open`.
   * Without this, requests that need a login are rejected with reason `blocked`.
   */
  onBlocked?(open: () => void, loginUrl: string): void;
  /** The session is about to end (or has ended); `refresh()` prolongs it. */
  onExpiring?(session: Session): void;
  /** Seconds before the end at which `onExpiring` is called. Default: 60. */
  warnBefore?: number;
  /** Features of the login window, as `window.open` takes them. */
  features?: string;
}

export interface Client {
  /**
   * As `fetch`. A request of ours gets the CSRF token; one that needs a login waits for it, in a window that all waiting
   * requests share, and is sent again.
   * @throws LoginError
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Who is logged in, and for how long. Asking does not prolong the session. */
  session(): Promise<Session>;
  /** Logs in by the window now. @throws LoginError */
  logIn(loginUrl?: string): Promise<void>;
  /** Prolongs the session, and reads claims and scopes again. @throws LoginError */
  refresh(): Promise<Session>;
}

/** Why nobody is logged in again, or not the one who was. */
export type Reason =
  /** No window could be opened. */
  | 'blocked'
  /** It was closed before the login was finished. */
  | 'closed'
  /** There is still no session: the browser keeps no cookies of ours here. */
  | 'refused'
  /** Somebody else logged in: nothing was sent again. Reload the page. */
  | 'other-user';

export class LoginError extends Error {
  readonly reason: Reason;
  /** Where the user can log in by an ordinary navigation. */
  readonly loginUrl: string;
}

export function createClient(options?: ClientOptions): Client;
