import type { Login, SessionData } from '../session/session-data.ts';
import type { FoundSession, Sessions } from '../session/sessions.ts';
import type { RelyingParty } from './relying-party.ts';

/** A login renewed when due: the same session, or one that has lost its login. */
export type RenewLogin = (
  found: FoundSession | undefined,
) => FoundSession | undefined | Promise<FoundSession | undefined>;

export interface RenewOptions {
  readonly sessions: Pick<Sessions, 'save'>;
  readonly partyOf: (provider: string) => RelyingParty | undefined;
  /** Told the hash of a user token that has been replaced: what was obtained with it is of no use any more. */
  readonly onReplaced: (tokenHash: string) => void;
  /** Minutes before the token's end (JWT_REFRESH); 0: never. */
  readonly minutesBefore: number;
}

/** Milliseconds after a failed renewal until the next try, while the token still lives. */
const pause = 10_000;

/**
 * Renews the user's token with its refresh token before it ends (xs-app.md 6.5), once for all requests that wait.
 * A renewal that fails leaves the session as it is while the token lives; afterwards the user is anonymous.
 */
export function createRenewLogin({ sessions, partyOf, onReplaced, minutesBefore }: RenewOptions): RenewLogin {
  const running = new Map<string, Promise<void>>();
  const failedAt = new WeakMap<Login, number>();

  const renew = async ({ id, data }: FoundSession, login: Login, refreshToken: string) => {
    try {
      const tokens = await partyOf(login.user.provider)?.refresh({ refreshToken, idToken: login.idToken });
      if (tokens === undefined || data.login !== login) return; // logged out or in again meanwhile
      data.login = { ...tokens, sid: tokens.sid ?? login.sid, obtainedAt: Date.now() };
      await sessions.save({ id, data });
      onReplaced(login.user.tokenHash);
    } catch {
      failedAt.set(login, Date.now());
    }
  };

  return (found) => {
    const login = found?.data.login;
    if (found === undefined || login === undefined) return found;
    const now = Date.now();
    if (now < dueAt(login, minutesBefore)) return found;
    const resting = now - (failedAt.get(login) ?? 0) < pause;
    if (login.refreshToken === undefined || minutesBefore === 0 || (resting && now < login.expiresAt))
      return whileAlive(found);
    let renewal = running.get(found.id);
    if (renewal === undefined) {
      renewal = renew(found, login, login.refreshToken).finally(() => running.delete(found.id));
      running.set(found.id, renewal);
    }
    return renewal.then(() => whileAlive(found));
  };
}

/** A token that lives shorter than the margin is renewed at half its life, not at every request. */
function dueAt({ expiresAt, obtainedAt }: Login, minutesBefore: number): number {
  if (minutesBefore === 0) return expiresAt;
  return expiresAt - Math.min(minutesBefore * 60_000, (expiresAt - obtainedAt) / 2);
}

function whileAlive(found: FoundSession): FoundSession {
  const { login } = found.data;
  if (login === undefined || Date.now() < login.expiresAt) return found;
  const { login: _ended, ...data }: SessionData = found.data;
  return { id: found.id, data };
}
