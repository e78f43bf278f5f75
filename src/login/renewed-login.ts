import { AppError } from '../errors/app-error.ts';
import type { Login } from '../session/session-data.ts';
import type { Tokens } from './relying-party.ts';

/** Milliseconds after a failed renewal until the next try, on any instance, while the token still lives. */
const pause = 10_000;

/** A login after a renewal. OpenID Connect Core 12.2: it is about the same user, or it is none. */
export function renewedLogin(login: Login, tokens: Tokens): Login {
  if (tokens.user.claims['sub'] !== login.user.claims['sub']) return failedLogin(login, undefined);
  return { ...tokens, sid: tokens.sid ?? login.sid, obtainedAt: Date.now() };
}

/**
 * A login whose renewal has failed. Remembered in the session, so that no instance asks at once again. A refresh token that was refused for good is never
 * shown again: to a provider that looks for stolen ones it would be one.
 */
export function failedLogin(login: Login, cause: unknown): Login {
  const refused = cause instanceof AppError && cause.members['error'] === 'invalid_grant';
  return {
    ...login,
    refreshToken: refused ? undefined : login.refreshToken,
    renewAfter: Date.now() + pause,
  };
}

/** Whether nobody has renewed a login meanwhile, or failed to. */
export function isSame(one: Login, other: Login): boolean {
  return one.obtainedAt === other.obtainedAt && one.renewAfter === other.renewAfter;
}
