import type { Login, SessionData } from '../session/session-data.ts';
import type { FoundSession, Sessions } from '../session/sessions.ts';
import type { RelyingParty } from './relying-party.ts';
import { renewalDue } from './renewal-due.ts';
import { failedLogin, isSame, renewedLogin } from './renewed-login.ts';

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
  /** Told of a refresh token that came after its session's end and could not be revoked. */
  readonly onOrphaned?: (provider: string) => void;
  /** Minutes before the token's end (JWT_REFRESH); 0: never. */
  readonly minutesBefore: number;
}

/** Milliseconds between looks at a session that another instance renews, and the longest wait for it. */
const look = 50;
const longestWait = 12_000;
/** Milliseconds that a request waits for a renewal while the token still lives: a slow provider holds up nobody. */
const patience = 5_000;
/** Milliseconds between tries to save what a renewal brought, and how long it is tried. */
const saveAgain = 250;
const longestSave = 10_000;

interface Renewal {
  readonly done: Promise<Login | undefined>;
  /** The same, or the login as it was when that takes too long. */
  readonly soon: Promise<Login | undefined>;
}

/**
 * Renews the user's token with its refresh token before it ends (xs-app.md 6.5): once for all requests that wait, on all
 * instances, because a provider that rotates refresh tokens ends the whole login when one comes twice (wants 30, T-37).
 * A renewal that fails leaves the session as it is while the token lives; afterwards the user is anonymous.
 * @throws AppError 503 when the token has ended and the store cannot be asked
 */
export function createRenewLogin(options: RenewOptions): RenewLogin {
  const { sessions, partyOf, onReplaced, onRenewed, onFailed, onOrphaned, minutesBefore } = options;
  const running = new Map<string, Renewal>();

  /** Until it is saved: a rotated refresh token that is lost with a blink of the store would end the login. */
  const save = async (found: FoundSession, login: Login): Promise<boolean> => {
    const until = performance.now() + longestSave;
    for (;;) {
      try {
        return await sessions.update(found, { login });
      } catch (cause) {
        if (performance.now() >= until) throw cause;
        await after(saveAgain);
      }
    }
  };

  const renewHere = async (found: FoundSession, login: Login): Promise<Login | undefined> => {
    const current = await sessions.reread(found.id);
    // Somebody else renewed it, failed to, or logged out, between our look and our turn.
    if (current?.login === undefined || !isSame(current.login, login)) return current?.login;
    const { refreshToken } = current.login;
    const party = partyOf(login.user.provider);
    if (refreshToken === undefined || party === undefined) return login;
    const renewed = await party.refresh({ refreshToken, idToken: login.idToken }).then(
      (tokens) => renewedLogin(login, tokens),
      (cause: unknown) => {
        onFailed?.(login, (cause as { code?: string }).code ?? 'ERR_LOGIN_FAILED');
        return failedLogin(login, cause);
      },
    );
    const stands = await save({ id: found.id, data: current }, renewed);
    // Logged out while the provider was asked: the refresh token that it gave meanwhile was not there to be taken back.
    if (!stands && renewed.refreshToken !== undefined && renewed.refreshToken !== refreshToken)
      await party.revoke?.(renewed.refreshToken).catch(() => onOrphaned?.(login.user.provider));
    if (renewed.obtainedAt !== login.obtainedAt) {
      onReplaced(login.user.tokenHash);
      onRenewed?.(login.user.provider);
    }
    return stands ? renewed : undefined;
  };

  const renew = async (found: FoundSession, login: Login): Promise<Login | undefined> => {
    const until = Date.now() + longestWait;
    try {
      for (;;) {
        let renewed: Login | undefined;
        const ours = await sessions.exclusively(found.id, async () => {
          renewed = await renewHere(found, login);
        });
        if (ours) return renewed;
        await after(look);
        const current = await sessions.reread(found.id);
        if (current?.login === undefined || !isSame(current.login, login)) return current?.login;
        // Whoever had it may have died; what its turn was is tried again until then.
        if (Date.now() >= until) return login;
      }
    } catch (cause) {
      if (Date.now() < login.expiresAt) return login;
      throw cause; // 503: whether the login was renewed is not known, and "log in again" would be a guess
    }
  };

  const begin = (found: FoundSession, login: Login): Renewal => {
    let timer: NodeJS.Timeout | undefined;
    const done = renew(found, login).finally(() => {
      running.delete(found.id);
      clearTimeout(timer);
    });
    const tooLong = new Promise<Login>((go) => {
      timer = setTimeout(go, patience, login);
    });
    const soon = Promise.race([done, tooLong]);
    // Nobody may be waiting any more for the one or the other.
    for (const each of [done, soon]) each.catch(() => {});
    return { done, soon };
  };

  return (found, atOnce = false) => {
    const login = found?.data.login;
    if (found === undefined || login === undefined) return found;
    const now = Date.now();
    if (!atOnce && now < renewalDue(login, minutesBefore)) return found;
    const resting = now < (login.renewAfter ?? 0);
    if (login.refreshToken === undefined || (minutesBefore === 0 && !atOnce) || resting) return whileAlive(found);
    let renewal = running.get(found.id);
    if (renewal === undefined) {
      renewal = begin(found, login);
      running.set(found.id, renewal);
    }
    const { done, soon } = renewal;
    const ended = () => Date.now() >= login.expiresAt;
    // What ends while it is waited for is not "no login": whether there is one will be known.
    const outcome = ended() ? done : soon.then((renewed) => (renewed === login && ended() ? done : renewed));
    return outcome.then((renewed) => whileAlive(withLogin(found, renewed)));
  };
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

function after(milliseconds: number): Promise<void> {
  return new Promise((go) => setTimeout(go, milliseconds));
}
