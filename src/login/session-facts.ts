import type { Claims } from '../authorization/principal.ts';
import type { SessionData } from '../session/session-data.ts';

/** What a page may know of its session: who is logged in and for how long; never a token. */
export type SessionFacts =
  | { readonly authenticated: false; readonly loginUrl: string }
  | {
      readonly authenticated: true;
      readonly user: Profile & { readonly id: string | undefined };
      readonly provider: string;
      readonly scopes: readonly string[];
      /** Whole seconds until the session ends if nothing is done. */
      readonly expiresIn: number;
    };

/**
 * @param peeked the session, and when it ends (milliseconds since the epoch)
 * @param renews whether user tokens are renewed at all (JWT_REFRESH); a login whose token is not ends with it
 */
export function sessionFacts(
  peeked: { readonly data: SessionData; readonly endsAt: number } | undefined,
  renews: boolean,
  loginUrl: string,
  now = Date.now(),
): SessionFacts {
  const login = peeked?.data.login;
  if (peeked === undefined || login === undefined) return { authenticated: false, loginUrl };
  const lasts = renews && login.refreshToken !== undefined;
  const endsAt = lasts ? peeked.endsAt : Math.min(peeked.endsAt, login.expiresAt);
  if (endsAt <= now) return { authenticated: false, loginUrl };
  const { claims, provider, scopes } = login.user;
  return {
    authenticated: true,
    user: { id: textOf(claims, 'sub', 'user_id'), ...whoIs(claims) },
    provider,
    scopes,
    expiresIn: Math.floor((endsAt - now) / 1000),
  };
}

/** Who somebody is, from the claims of whichever provider. */
export interface Profile {
  readonly firstname: string | undefined;
  readonly lastname: string | undefined;
  readonly email: string | undefined;
  readonly name: string | undefined;
}

export function whoIs(claims: Claims): Profile {
  return {
    firstname: textOf(claims, 'given_name', 'first_name'),
    lastname: textOf(claims, 'family_name', 'last_name'),
    email: textOf(claims, 'email', 'mail'),
    name: textOf(claims, 'user_name', 'preferred_username', 'sub'),
  };
}

function textOf(claims: Claims, ...names: string[]): string | undefined {
  return names.map((name) => claims[name]).find((value): value is string => typeof value === 'string');
}
