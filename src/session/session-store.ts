import type { Store } from 'express-session';
import type { PlainPatch, SessionData, SessionPatch } from './session-data.ts';
import { subjectOf } from './subject-of.ts';

/**
 * What a store of sessions can do besides express-session's contract: be read and written without its middleware,
 * which hashes and re-serialises the session on every request. Reading counts as use.
 */
export interface SessionStore extends Store {
  /** Data of a live session; undefined when it is unknown, idle for too long, or too old. */
  read(id: string): SessionData | undefined | Promise<SessionData | undefined>;
  /** The same without counting as use: looking at a session must not keep it alive. */
  peek(id: string): PeekedSession | undefined | Promise<PeekedSession | undefined>;
  /**
   * Lays changes over a live session, part by part, so that two requests that change different parts do not undo each
   * other. @returns false when the session is gone meanwhile, and nothing was changed
   */
  write(id: string, patch: SessionPatch): boolean | Promise<boolean>;
  /**
   * Changes a live session by what it holds at that moment, so that two requests that change the same part at once do not
   * undo each other.
   * @param change called again where another instance was faster; changes nothing itself
   * @returns what the session holds then; undefined when it is gone
   */
  change(
    id: string,
    change: (data: SessionData) => PlainPatch,
  ): SessionData | undefined | Promise<SessionData | undefined>;
  /** Ends a session. @returns what it held at its end, to one caller only, however many end it at once */
  remove(id: string): SessionData | undefined | Promise<SessionData | undefined>;
  /** Ends every session of a login; returns them. */
  removeByLogin(login: LoginSelector): readonly EndedSession[] | Promise<readonly EndedSession[]>;
  /**
   * Does work that must be done by one instance at a time for a session.
   * @returns false when another instance is at it
   */
  exclusively(id: string, work: () => Promise<void>): Promise<boolean>;
  /** Takes a value once in `lifetime` milliseconds, on all instances together; false when it was taken before. */
  firstUse(value: string, lifetime: number): boolean | Promise<boolean>;
  /** How many sessions it holds, where it holds them in this process. */
  readonly size?: number;
  /** Whether the store can be used now. */
  isReady(): boolean;
  close(): void | Promise<void>;
}

/** A live session that was only looked at. */
export interface PeekedSession {
  readonly data: SessionData;
  /** Milliseconds since the epoch at which it ends unless it is used; the longest life is counted in. */
  readonly endsAt: number;
}

/** Who wants to know of ends. */
export interface SessionListener {
  /** A session has ended, here or on another instance, whatever the reason. Told on every instance, perhaps twice. */
  ended(id: string, tokenHash: string | undefined): void;
  /** A session has ended because its time was over. Told on one instance, once. */
  expired(session: EndedSession): void;
}

export const nobodyListens: SessionListener = { ended: () => {}, expired: () => {} };

/** A session that is over, and what it held. */
export interface EndedSession {
  readonly id: string;
  readonly data: SessionData;
}

/** Which sessions a provider means: one by its `sid`, or all of a user (OpenID Connect Back-Channel Logout 2.4). */
export interface LoginSelector {
  readonly provider: string;
  readonly sid: string | undefined;
  readonly subject: string | undefined;
}

/** Whether a session is among those meant; where both are named, both must fit (OpenID Connect Back-Channel Logout 2.6). */
export function isMeant({ login }: SessionData, { provider, sid, subject }: LoginSelector): boolean {
  if (login?.user.provider !== provider || (sid === undefined && subject === undefined)) return false;
  return (sid === undefined || login.sid === sid) && (subject === undefined || subjectOf(login) === subject);
}
