import type { Store } from 'express-session';
import type { SessionData } from './session-data.ts';

/**
 * What a store of sessions can do besides express-session's contract: be read and written without its middleware,
 * which hashes and re-serialises the session on every request. Reading counts as use.
 */
export interface SessionStore extends Store {
  /** Data of a live session; undefined when it is unknown or idle for too long. */
  read(id: string): SessionData | undefined | Promise<SessionData | undefined>;
  /** Replaces the data of a live session; nothing happens when it is gone meanwhile. */
  write(id: string, data: SessionData): void | Promise<void>;
  remove(id: string): void | Promise<void>;
  /** Ends every session that fits; returns what they held. */
  removeWhere(fits: (data: SessionData) => boolean): readonly SessionData[] | Promise<readonly SessionData[]>;
  close(): void | Promise<void>;
}
