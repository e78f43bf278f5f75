import session from 'express-session';
import { compactLogin } from './compact-login.ts';
import { onceOnly } from './once-only.ts';
import { applyPatch, type PlainPatch, type SessionData, type SessionPatch } from './session-data.ts';
import {
  type EndedSession,
  isMeant,
  type LoginSelector,
  nobodyListens,
  type PeekedSession,
  type SessionListener,
  type SessionStore,
} from './session-store.ts';

interface Entry {
  record: session.SessionData;
  /** Milliseconds since the epoch of the last use. */
  usedAt: number;
}

/**
 * Sessions without a login that are kept: whoever asks for a CSRF token gets one, and a program that asks on and on would
 * fill the memory with them (T-28). One takes about a kilobyte.
 */
const anonymousAtMost = 20_000;

/**
 * Sessions of one instance, kept as live objects: nothing is serialised, on no request. (express-session's own store
 * turns every session into JSON and back; measured in design section 2.)
 */
export class MemoryStore extends session.Store implements SessionStore {
  readonly #entries = new Map<string, Entry>();
  #idleTime: number;
  #longestLife: number;
  readonly #listener: SessionListener;
  readonly #sweeper: NodeJS.Timeout;
  readonly #working = new Set<string>();
  /** Ids of sessions without a login, the oldest first. */
  readonly #anonymous = new Set<string>();
  readonly firstUse = onceOnly();

  /**
   * @param idleTime milliseconds of inactivity after which a session is gone
   * @param longestLife milliseconds after which it is gone, used or not
   */
  constructor(
    idleTime: number,
    longestLife = Number.POSITIVE_INFINITY,
    listener: Partial<SessionListener> = nobodyListens,
  ) {
    super();
    this.#listener = { ...nobodyListens, ...listener };
    this.#idleTime = idleTime;
    this.#longestLife = longestLife;
    this.#sweeper = setInterval(() => this.#sweep(), sweepInterval(Math.min(idleTime, longestLife)));
    this.#sweeper.unref();
  }

  read(id: string): SessionData | undefined {
    return this.#use(id)?.record.house;
  }

  peek(id: string): PeekedSession | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const endsAt = this.#endOf(entry);
    return Date.now() > endsAt ? undefined : { data: entry.record.house, endsAt };
  }

  write(id: string, patch: SessionPatch): boolean {
    const entry = this.#use(id);
    if (entry) applyPatch(entry.record.house, patch.login ? { ...patch, login: compactLogin(patch.login) } : patch);
    if (patch.login !== undefined) this.#anonymous.delete(id);
    return entry !== undefined;
  }

  change(id: string, change: (data: SessionData) => PlainPatch): SessionData | undefined {
    const data = this.#use(id)?.record.house;
    if (data !== undefined) this.write(id, change(data));
    return data;
  }

  remove(id: string): SessionData | undefined {
    const data = this.#entries.get(id)?.record.house;
    this.#anonymous.delete(id);
    if (!this.#entries.delete(id)) return undefined;
    this.#listener.ended(id, data?.login?.user.tokenHash);
    return data;
  }

  removeByLogin(login: LoginSelector): readonly EndedSession[] {
    const meant = [...this.#entries].filter(([, { record }]) => isMeant(record.house, login));
    return meant.map(([id, { record }]) => ({ id, data: this.remove(id) ?? record.house }));
  }

  async exclusively(id: string, work: () => Promise<void>): Promise<boolean> {
    if (this.#working.has(id)) return false;
    this.#working.add(id);
    try {
      await work();
    } finally {
      this.#working.delete(id);
    }
    return true;
  }

  /** Goes on under other times: a configuration has been replaced, and its sessions live on. */
  adopt(idleTime: number, longestLife: number): void {
    this.#idleTime = idleTime;
    this.#longestLife = longestLife;
  }

  get size(): number {
    return this.#entries.size;
  }

  isReady(): boolean {
    return true;
  }

  override get(id: string, callback: (error: unknown, record?: session.SessionData | null) => void): void {
    callback(null, this.#use(id)?.record ?? null);
  }

  override set(id: string, record: session.SessionData, callback?: (error?: unknown) => void): void {
    if (record.house?.login) record.house.login = compactLogin(record.house.login);
    this.#entries.set(id, { record: { cookie: record.cookie, house: record.house }, usedAt: Date.now() });
    this.#bound(id, record.house);
    callback?.();
  }

  override destroy(id: string, callback?: (error?: unknown) => void): void {
    this.remove(id);
    callback?.();
  }

  override touch(id: string, _record: session.SessionData, callback?: () => void): void {
    this.#use(id);
    callback?.();
  }

  close(): void {
    clearInterval(this.#sweeper);
  }

  /** Never one that somebody is logged in with. */
  #bound(id: string, house: SessionData | undefined): void {
    if (house?.login !== undefined) {
      this.#anonymous.delete(id);
      return;
    }
    this.#anonymous.add(id);
    if (this.#anonymous.size <= anonymousAtMost) return;
    const [oldest] = this.#anonymous;
    if (oldest !== undefined) this.remove(oldest);
  }

  #endOf({ usedAt, record }: Entry): number {
    return Math.min(usedAt + this.#idleTime, record.house.createdAt + this.#longestLife);
  }

  #use(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const now = Date.now();
    if (now > this.#endOf(entry)) {
      this.#expire(id);
      return undefined;
    }
    entry.usedAt = now;
    return entry;
  }

  #sweep(): void {
    const now = Date.now();
    for (const [id, entry] of this.#entries) {
      notAhead(entry, now);
      if (now > this.#endOf(entry)) this.#expire(id);
    }
  }

  #expire(id: string): void {
    const data = this.remove(id);
    if (data !== undefined) this.#listener.expired({ id, data });
  }
}

/** Times that lie ahead are of a clock that has been set back since: the session's begin anew, or it would live until then. */
function notAhead(entry: Entry, now: number): void {
  entry.usedAt = Math.min(entry.usedAt, now);
  const { house } = entry.record;
  if (house.createdAt > now) entry.record.house = { ...house, createdAt: now };
}

/** Milliseconds between looks for sessions whose time is over: a quarter of the shortest life, one second to one minute. */
export function sweepInterval(shortestLife: number): number {
  return Math.min(60_000, Math.max(1_000, shortestLife / 4));
}
