import type { SessionData } from '../session/session-data.ts';
import type { EndedSession, SessionStore } from '../session/session-store.ts';

type Callback<T = void> = (error?: unknown, result?: T | undefined) => void;

/** A session as an own start script sees it; everything else in it is the script's own. */
export interface ScriptSession {
  readonly user?: {
    readonly name: string | undefined;
    /** The token that is handed on to backends: as secret as a password. */
    readonly token: { readonly accessToken: string; readonly expiresAt: number };
    readonly scopes: readonly string[];
  };
  [own: string]: unknown;
}

/** Handlers find it as `request.session` where somebody has a session. */
declare module 'express-session' {
  interface SessionData {
    user?: NonNullable<ScriptSession['user']>;
  }
}

/** The sessions for own start scripts (xs-app.md section 11). Times are in minutes. */
export interface ScriptSessions {
  /** After how long without use a session ends. */
  getDefaultSessionTimeout(): number;
  /** How long a session lives on unless it is used; undefined: there is none. */
  getSessionTimeout(id: string, callback: Callback<number>): void;
  /** A copy; undefined: there is no such session. Not counted as use. */
  get(id: string, callback: Callback<ScriptSession>): void;
  /**
   * Changes what the script keeps in a session: `change` gets a copy and returns what is to be there. Counted as use.
   * @param resetTimeout may be left out; a change always begins the time anew
   */
  update(
    id: string,
    change: (session: ScriptSession) => ScriptSession,
    resetTimeout?: boolean,
    callback?: Callback<boolean>,
  ): void;
  /** Ends a session as a logout does: backends are told, the refresh token is taken back. */
  destroy(id: string, callback?: Callback): void;
  /** Refused: sessions are made by logins only, or whoever knows an id could be anybody (T-32). */
  set(id: string, text: string, timeout: number, callback: Callback): void;
}

export interface ScriptSessionsOptions {
  readonly store: SessionStore;
  /** Minutes. */
  readonly idleTime: number;
  readonly endLogin: (ended: EndedSession) => Promise<void>;
}

export function createScriptSessions({ store, idleTime, endLogin }: ScriptSessionsOptions): ScriptSessions {
  return {
    getDefaultSessionTimeout: () => idleTime,
    getSessionTimeout(id, callback) {
      answer(callback, async () => {
        const peeked = await store.peek(id);
        return peeked && Math.max(0, peeked.endsAt - Date.now()) / 60_000;
      });
    },
    get(id, callback) {
      answer(callback, async () => {
        const peeked = await store.peek(id);
        return peeked && viewOf(peeked.data);
      });
    },
    update(id, change, _resetTimeout, callback = () => {}) {
      answer(callback, async () => {
        const peeked = await store.peek(id);
        if (peeked === undefined) return false;
        const { user: _, ...own } = change(viewOf(peeked.data));
        return store.write(id, { own: JSON.parse(JSON.stringify(own)) });
      });
    },
    destroy(id, callback = () => {}) {
      answer(callback, async () => {
        const data = await store.remove(id);
        if (data !== undefined) await endLogin({ id, data });
      });
    },
    set(_id, _text, _timeout, callback) {
      callback(new Error('sessions are made by logins only; use update to keep something in one'));
    },
  };
}

/** @returns a copy: changing it changes nothing */
export function viewOf({ login, own }: SessionData): ScriptSession {
  const kept = structuredClone(own ?? {});
  if (login === undefined) return kept;
  const { claims, token, scopes } = login.user;
  const name = [claims['user_name'], claims['preferred_username'], claims['sub']].find(
    (claim) => typeof claim === 'string',
  );
  return {
    ...kept,
    user: {
      name: name as string | undefined,
      token: { accessToken: token, expiresAt: login.expiresAt },
      scopes: [...scopes],
    },
  };
}

/** The callback is called once, and what it throws is nobody's here: it ends the process, as approuters' callbacks do. */
function answer<T>(callback: Callback<T>, work: () => Promise<T | undefined>): void {
  work().then(
    (result) => process.nextTick(callback, undefined, result),
    (error: unknown) => process.nextTick(callback, error),
  );
}
