import type { User } from '../authorization/principal.ts';
import { AppError } from '../errors/app-error.ts';
import { checkSender } from './check-sender.ts';
import { loginFailed } from './login-failed.ts';
import type { RelyingParty } from './relying-party.ts';

/**
 * The user that a machine caller's token stands for.
 * @param thumbprint SHA-256 of the client certificate of the request, base64url; undefined: it showed none
 * @throws AppError 401; 502 when the provider that may have issued it cannot be asked, which is not the caller's fault
 */
export type VerifyCallerToken = (token: string, thumbprint?: string) => Promise<User>;

/** Longest token that is looked at, in characters (XSUAA's limit, token-flows.md D5). */
const longest = 16_384;
/** Verified tokens remembered, for a minute each: a caller sends the same one with every request. */
const remembered = 1_000;
const lifetime = 60_000;

/** Any configured provider may have issued the token; each checks signature, issuer, audience, algorithm and expiry (T-41). */
export function createVerifyCallerToken(
  parties: ReadonlyMap<string, { readonly party: RelyingParty }>,
  now: () => number = Date.now,
): VerifyCallerToken {
  const known = new Map<string, { readonly user: User; readonly until: number }>();
  const verify = async (token: string): Promise<User> => {
    const cached = known.get(token);
    if (cached !== undefined && cached.until > now()) return cached.user;
    known.delete(token);
    let outage: AppError | undefined;
    for (const { party } of token.length > longest ? [] : parties.values()) {
      const user = await party.verifyToken(token).catch((cause: unknown) => {
        const failure = loginFailed(cause);
        if (failure.status >= 500) outage = failure;
      });
      if (!user) continue;
      const end = typeof user.claims['exp'] === 'number' ? user.claims['exp'] * 1000 : 0;
      const oldest = known.size >= remembered ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      known.set(token, { user, until: Math.min(end, now() + lifetime) });
      return user;
    }
    throw outage ?? refused();
  };
  return async (token, thumbprint) => {
    const user = await verify(token);
    checkSender(user.claims['cnf'], thumbprint); // at each request: a remembered token is not a remembered sender
    return user;
  };
}

function refused(): AppError {
  return new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    detail: 'The token was not accepted.',
    hint: 'It must be issued by the identity provider of this application, for this application, and not have ended.',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
