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
  readonly secureSessionCookie: boolean | undefined;
  /** Pages of other sites embed us (PORTUNUS_EMBEDDED_IN): then None, Secure and Partitioned, whoever asks. */
  readonly embedded?: boolean;
  /** COOKIES (xs-app.md 4.3). */
  readonly cookies: {
    readonly SameSite?: 'None' | 'Lax' | 'Strict' | undefined;
    /** Expressions on the User-Agent; the second wins. */
    readonly Partitioned?:
      | { readonly supportedPartitionAgents: string; readonly unsupportedPartitionAgents: string }
      | undefined;
  };
}

/** Lax when nothing is said: what browsers take anyway, and what keeps the session out of cross-site posts. */
export function cookieAttributes({ secureSessionCookie, cookies, embedded }: CookieSettings): CookieAttributes {
  // CHIPS: browsers that know no Partitioned ignore it, so no look at the User-Agent is needed.
  if (embedded) return () => ({ secure: true, sameSite: 'none', partitioned: true });
  const sameSite = (cookies.SameSite?.toLowerCase() ?? 'lax') as CookieFlags['sameSite'];
  const supported = cookies.Partitioned && new RegExp(cookies.Partitioned.supportedPartitionAgents);
  const unsupported = cookies.Partitioned && new RegExp(cookies.Partitioned.unsupportedPartitionAgents);
  return (request) => {
    const secure = secureSessionCookie ?? request.arrival.scheme === 'https';
    const agent = request.headers['user-agent'] ?? '';
    const partitioned = secure && supported?.test(agent) === true && unsupported?.test(agent) === false;
    return partitioned ? { secure, sameSite, partitioned } : { secure, sameSite };
  };
}
