import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import { AppError } from '../errors/app-error.ts';
import { adoptSession } from './adopt-session.ts';
import { afterOthers } from './after-others.ts';
import type { CookieAttributes } from './cookie-attributes.ts';
import { keepPrivate } from './keep-private.ts';
import { createSessionCookie } from './session-cookie.ts';
import { applyPatch, type PlainPatch, type SessionData, type SessionPatch } from './session-data.ts';
import type { EndedSession, LoginSelector, PeekedSession, SessionStore } from './session-store.ts';

/** A session found by its cookie. */
export interface FoundSession {
  readonly id: string;
  readonly data: SessionData;
}

/** Stage 2: who has been here before. */
export interface Sessions {
  readonly cookieName: string;
  /**
   * The session of a request, or undefined; never makes one. The lean way, for every forwarded request: a value where
   * the store has it at hand.
   */
  find(request: IncomingMessage): FoundSession | undefined | Promise<FoundSession | undefined>;
  /** The session of a request as it stands; looking at it does not prolong it. */
  peek(request: IncomingMessage): Promise<(FoundSession & Pick<PeekedSession, 'endsAt'>) | undefined>;
  /** The session of a request, made if need be (the cookie is set with the answer). */
  open(request: Request, response: Response): Promise<FoundSession>;
  /** A session under a new id, which replaces the request's old one: after a login (session fixation, T-32). */
  replace(request: Request, response: Response, data: SessionData): Promise<FoundSession>;
  /** Gives the requesting browser the cookie of a live session. @returns false when there is no such session */
  handTo(request: Request, response: Response, id: string): Promise<boolean>;
  /** The session of an id that the caller has proved to be its own, made if need be; no cookie is set. */
  adopt(id: string): Promise<FoundSession>;
  /** Changes parts of a session, here and in the store. @returns false when it has ended meanwhile */
  update(found: FoundSession, patch: SessionPatch): Promise<boolean>;
  /** Changes a session by what it holds now, whoever has changed it meanwhile; see the store's `change`. */
  change(found: FoundSession, change: (data: SessionData) => PlainPatch): Promise<void>;
  /** What a session holds now, whoever changed it; not counted as use. */
  reread(id: string): Promise<SessionData | undefined>;
  /** Work that one instance at a time may do for a session; false when another is at it. */
  exclusively(id: string, work: () => Promise<void>): Promise<boolean>;
  /** Lets go of what is remembered of a session that has ended. */
  forget(id: string): void;
  /** Ends every session of a login. @returns what they held last */
  removeByLogin(login: LoginSelector): Promise<readonly EndedSession[]>;
  /** Takes a value once in `lifetime` milliseconds, on all instances together; false when it was taken before. */
  firstUse(value: string, lifetime: number): Promise<boolean>;
  /** Whether sessions can be found and made now. */
  isReady(): boolean;
  /** Ends the session and deletes its cookie. @returns what it held last, to one caller only; undefined when there was none */
  end(request: Request, response: Response): Promise<EndedSession | undefined>;
}

export interface SessionOptions {
  readonly cookieName: string;
  /** The first signs, all are accepted. */
  readonly secrets: readonly string[];
  readonly store: SessionStore;
  readonly attributes: CookieAttributes;
}

/**
 * Sessions by express-session, which makes, replaces and ends them; requests that only need to know who is there read
 * the store directly. A store that fails answers 503, never "no session, go on" (design section 5).
 */
export function createSessions({ cookieName, secrets, store, attributes }: SessionOptions): Sessions {
  // express-session listens to a store for ever, and ours goes on when the configuration is replaced.
  for (const event of ['connect', 'disconnect']) store.removeAllListeners(event);
  const middleware = session({
    name: cookieName,
    secret: [...secrets],
    store,
    genid: () => randomBytes(32).toString('base64url'),
    resave: false,
    saveUninitialized: false,
    cookie: (request) => ({ path: '/', httpOnly: true, ...attributes(request) }),
  });
  const run = guarded(middleware);
  const sessionCookie = createSessionCookie(cookieName, secrets);
  const idOf = (request: IncomingMessage) => sessionCookie.idIn(request.headers.cookie);
  const dataOf = (request: Request): FoundSession => {
    request.session.house ??= { createdAt: Date.now() };
    return { id: request.sessionID, data: request.session.house };
  };
  return {
    cookieName,
    forget: sessionCookie.forget,
    find(request) {
      const id = idOf(request);
      if (id === undefined) return undefined;
      try {
        const data = store.read(id);
        if (!(data instanceof Promise)) return data && { id, data };
        return data.then((read) => read && { id, data: read }, failed);
      } catch (cause) {
        return failed(cause);
      }
    },
    async peek(request) {
      const id = idOf(request);
      if (id === undefined) return undefined;
      const peeked = await storing(() => store.peek(id));
      return peeked && { id, ...peeked };
    },
    async open(request, response) {
      await run(request, response);
      if (request.session.house === undefined) keepPrivate(response); // its cookie goes out with this answer
      return dataOf(request);
    },
    async replace(request, response, data) {
      keepPrivate(response);
      await run(request, response);
      const opened = request.session;
      const before = idOf(request);
      try {
        // express-session looks at the first cookie of the name only.
        if (before !== undefined && before !== opened.id) await storing(async () => void (await store.remove(before)));
        await storing(
          () => new Promise<void>((done, fail) => opened.regenerate((error) => (error ? fail(error) : done()))),
        );
        const fresh = Object.assign(request.session, { house: data });
        await storing(() => new Promise<void>((done, fail) => fresh.save((error) => (error ? fail(error) : done()))));
        return { id: fresh.id, data };
      } catch (cause) {
        // Or the answer that says it failed would bring its cookie along, and try to save it once more.
        Reflect.deleteProperty(request, 'session');
        throw cause;
      }
    },
    async handTo(request, response, id) {
      if ((await storing(() => store.read(id))) === undefined) return false;
      keepPrivate(response);
      response.cookie(cookieName, sessionCookie.valueOf(id), { path: '/', httpOnly: true, ...attributes(request) });
      return true;
    },
    adopt: (id) => storing(() => adoptSession(store, id)),
    async update({ id, data }, patch) {
      applyPatch(data, patch);
      return storing(() => store.write(id, patch));
    },
    async change({ id, data }, change) {
      const changed = await storing(() => store.change(id, change));
      // One that was made just now is not in the store before the answer has ended; one that is over stays so.
      if (changed === undefined) applyPatch(data, change(data));
      else Object.assign(data, changed);
    },
    reread: async (id) => (await storing(() => store.peek(id)))?.data,
    exclusively: (id, work) => storing(() => store.exclusively(id, work)),
    removeByLogin: (login) => storing(() => store.removeByLogin(login)),
    firstUse: (value, lifetime) => storing(() => store.firstUse(value, lifetime)),
    isReady: () => store.isReady(),
    async end(request, response) {
      const id = idOf(request);
      let data: SessionData | undefined;
      const take = async (id: string) => {
        data = await store.remove(id);
      };
      if (id !== undefined) await storing(() => afterOthers(store, id, () => take(id)));
      // express-session sends no cookie for a session that is gone, so the deletion is ours to send.
      response.clearCookie(cookieName, { path: '/', httpOnly: true, ...attributes(request) });
      return id === undefined || data === undefined ? undefined : { id, data };
    },
  };
}

/** Runs the middleware to its end; "connected to no store" shows as a missing session, which must not pass. */
function guarded(middleware: RequestHandler) {
  return (request: Request, response: Response) =>
    storing(
      () =>
        new Promise<void>((done, fail) => {
          middleware(request, response, (error?: unknown) => {
            if (error) fail(error);
            else if (request.session === undefined) fail(new Error('the session store is not connected'));
            else done();
          });
        }),
    );
}

async function storing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    failed(cause);
  }
}

function failed(cause: unknown): never {
  throw new AppError({ code: 'ERR_SESSION_STORE', status: 503, headers: { 'retry-after': '2' }, cause });
}
