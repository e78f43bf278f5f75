import type { Login, SessionData } from '../session/session-data.ts';
import type { FoundSession, Sessions } from '../session/sessions.ts';
import type { RelyingParty } from './relying-party.ts';

/** A login renewed when due: the same session, or one that has lost its login. */
export type RenewLogin = (
  found: FoundSession | undefined,
  /** At once, due or not: claims and scopes are read again. */
  now?: boolean,
) => FoundSession | undefined | Promise<FoundSession | undefined>;

export interface RenewOptions {
  readonly sessions: Pick<Sessions, 'update' | 'reread' | 'exclusively'>;
  readonly partyOf: (provider: string) => RelyingParty | undefined;
  /** Told the hash of a user token that has been replaced: what was obtained with it is of no use any more. */
  readonly onReplaced: (tokenHash: string) => void;
  /** Told of each renewal, and of each that failed with the code of its error. */
  readonly onRenewed?: (provider: string) => void;
  readonly onFailed?: (login: Login, code: string) => void;
  /** Minutes before the token's end (JWT_REFRESH); 0: never. */
  readonly minutesBefore: number;
}

/** Milliseconds after a failed renewal until the next try, while the token still lives. */
const pause = 10_000;
/** Milliseconds between looks at a session that another instance renews, and the longest wait for it. */
const look = 50;
const longestWait = 12_000;

/**
 * Renews the user's token with its refresh token before it ends (xs-app.md 6.5): once for all requests that wait, on all
 * instances, because a provider that rotates refresh tokens ends the whole login when one comes twice (wants 30, T-37).
 * A renewal that fails leaves the session as it is while the token lives; afterwards the user is anonymous.
 */
export function createRenewLogin(options: RenewOptions): RenewLogin {
  const { sessions, partyOf, onReplaced, onRenewed, onFailed, minutesBefore } = options;
  const running = new Map<string, Promise<Login | undefined>>();
  const failedAt = new WeakMap<Login, number>();

  const renewHere = async (found: FoundSession, login: Login): Promise<Login | undefined> => {
    const current = await sessions.reread(found.id);
    const { refreshToken } = current?.login ?? {};
    // Somebody else renewed it, or logged out, between our look and our turn.
    if (current?.login === undefined || refreshToken === undefined || current.login.obtainedAt !== login.obtainedAt)
      return current?.login;
    const tokens = await partyOf(login.user.provider)?.refresh({ refreshToken, idToken: login.idToken });
    if (tokens === undefined) return login;
    // OpenID Connect Core 12.2: a renewal is about the same user, or it is none.
    if (tokens.user.claims['sub'] !== login.user.claims['sub']) throw new Error('the renewal is about somebody else');
    const renewed: Login = { ...tokens, sid: tokens.sid ?? login.sid, obtainedAt: Date.now() };
    await sessions.update({ id: found.id, data: current }, { login: renewed });
    onReplaced(login.user.tokenHash);
    onRenewed?.(login.user.provider);
    return renewed;
  };

  const waitForOther = async (found: FoundSession, login: Login): Promise<Login | undefined> => {
    const until = Date.now() + longestWait;
    while (Date.now() < until) {
      await new Promise((go) => setTimeout(go, look));
      const current = await sessions.reread(found.id);
      if (current?.login?.obtainedAt !== login.obtainedAt) return current?.login;
    }
    return login;
  };

  const renew = async (found: FoundSession, login: Login): Promise<Login | undefined> => {
    try {
      let renewed: Login | undefined;
      const ours = await sessions.exclusively(found.id, async () => {
        renewed = await renewHere(found, login);
      });
      return ours ? renewed : await waitForOther(found, login);
    } catch (cause) {
      failedAt.set(login, Date.now());
      onFailed?.(login, (cause as { code?: string }).code ?? 'ERR_LOGIN_FAILED');
      return login;
    }
  };

  return (found, atOnce = false) => {
    const login = found?.data.login;
    if (found === undefined || login === undefined) return found;
    const now = Date.now();
    if (!atOnce && now < dueAt(login, minutesBefore)) return found;
    const resting = now - (failedAt.get(login) ?? 0) < pause;
    if (login.refreshToken === undefined || (minutesBefore === 0 && !atOnce) || resting) return whileAlive(found);
    let renewal = running.get(found.id);
    if (renewal === undefined) {
      renewal = renew(found, login).finally(() => running.delete(found.id));
      running.set(found.id, renewal);
    }
    return renewal.then((renewed) => whileAlive(withLogin(found, renewed)));
  };
}

/** A token that lives shorter than the margin is renewed at half its life, not at every request. */
function dueAt({ expiresAt, obtainedAt }: Login, minutesBefore: number): number {
  if (minutesBefore === 0) return expiresAt;
  return expiresAt - Math.min(minutesBefore * 60_000, (expiresAt - obtainedAt) / 2);
}

function whileAlive(found: FoundSession): FoundSession {
  const { login } = found.data;
  return login === undefined || Date.now() < login.expiresAt ? found : withLogin(found, undefined);
}

function withLogin(found: FoundSession, login: Login | undefined): FoundSession {
  if (found.data.login === login) return found;
  const { login: _earlier, ...rest }: SessionData = found.data;
  return { id: found.id, data: login === undefined ? rest : { ...rest, login } };
}
