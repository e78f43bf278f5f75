import type { Store } from 'express-session';
import type { SessionData, SessionPatch } from './session-data.ts';

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
   * other; nothing happens when the session is gone meanwhile.
   */
  write(id: string, patch: SessionPatch): void | Promise<void>;
  remove(id: string): void | Promise<void>;
  /** Ends every session of a login; returns them. */
  removeByLogin(login: LoginSelector): readonly EndedSession[] | Promise<readonly EndedSession[]>;
  /**
   * Does work that must be done by one instance at a time for a session.
   * @returns false when another instance is at it
   */
  exclusively(id: string, work: () => Promise<void>): Promise<boolean>;
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

/** Whether a session is among those meant. */
export function isMeant({ login }: SessionData, { provider, sid, subject }: LoginSelector): boolean {
  if (login?.user.provider !== provider) return false;
  return sid === undefined ? subject !== undefined && login.user.claims['sub'] === subject : login.sid === sid;
}
