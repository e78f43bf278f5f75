import type { IncomingMessage } from 'node:http';

export interface CookieFlags {
  readonly secure: boolean;
  readonly sameSite: 'none' | 'lax' | 'strict';
  readonly partitioned?: true;
}

/** Attributes of our cookies for the client of a request. */
export type CookieAttributes = (request: IncomingMessage) => CookieFlags;

export interface CookieSettings {
  /** SECURE_SESSION_COOKIE; undefined: Secure whenever the trusted scheme is https. */
  readonly secure: boolean | undefined;
  readonly sameSite: 'None' | 'Lax' | 'Strict' | undefined;
  /** Both must be there; the second wins (xs-app.md 4.3 COOKIES). */
  readonly partitioned: { readonly supported: RegExp; readonly unsupported: RegExp } | undefined;
}

/** @param settings from SECURE_SESSION_COOKIE and COOKIES */
export function cookieAttributes(settings: CookieSettings): CookieAttributes {
  const sameSite = (settings.sameSite?.toLowerCase() ?? 'lax') as CookieFlags['sameSite'];
  return (request) => {
    const secure = settings.secure ?? request.arrival.scheme === 'https';
    const agent = request.headers['user-agent'] ?? '';
    const partitioned =
      secure && settings.partitioned?.supported.test(agent) === true && !settings.partitioned.unsupported.test(agent);
    return partitioned ? { secure, sameSite, partitioned } : { secure, sameSite };
  };
}
