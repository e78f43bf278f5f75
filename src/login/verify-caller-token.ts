import type { User } from '../authorization/principal.ts';
import { AppError } from '../errors/app-error.ts';
import type { RelyingParty } from './relying-party.ts';

/** The user that a machine caller's token stands for. @throws AppError 401 */
export type VerifyCallerToken = (token: string) => Promise<User>;

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
  return async (token) => {
    const cached = known.get(token);
    if (cached !== undefined && cached.until > now()) return cached.user;
    known.delete(token);
    if (token.length > longest) throw refused();
    for (const { party } of parties.values()) {
      const user = await party.verifyToken(token).catch(() => undefined);
      if (user === undefined) continue;
      const end = typeof user.claims['exp'] === 'number' ? user.claims['exp'] * 1000 : 0;
      const oldest = known.size >= remembered ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      known.set(token, { user, until: Math.min(end, now() + lifetime) });
      return user;
    }
    throw refused();
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
