import session from 'express-session';
import { AnonymousIds } from './anonymous-ids.ts';
import { compactLogin } from './compact-login.ts';
import { MemoryLoginIndex } from './memory-login-index.ts';
import { onceOnly } from './once-only.ts';
import { applyPatch, type PlainPatch, type SessionData, type SessionPatch } from './session-data.ts';
import {
  type EndedSession,
  type LoginSelector,
  nobodyListens,
  type PeekedSession,
  type SessionListener,
  type SessionStore,
} from './session-store.ts';
import { sweepInterval } from './sweep-interval.ts';

interface Entry {
  record: session.SessionData;
  /** Milliseconds since the epoch of the last use. */
  usedAt: number;
}

/** Sessions that are looked at in one go, then requests have their turn; to end one takes as long as to look at twenty. */
const lookedAtAtOnce = 2_000;
const endTakes = 20;

/** Sessions of one instance, kept as live objects: express-session's own store turns each into JSON and back (design section 2). */
export class MemoryStore extends session.Store implements SessionStore {
  readonly #entries = new Map<string, Entry>();
  readonly #logins = new MemoryLoginIndex();
  #idleTime: number;
  #longestLife: number;
  readonly #listener: SessionListener;
  readonly #sweeper: NodeJS.Timeout;
  readonly #working = new Set<string>();
  readonly #anonymous = new AnonymousIds();
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
    this.#sweeper = setInterval(() => void this.#sweep(), sweepInterval(Math.min(idleTime, longestLife)));
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
    if (entry === undefined) return false;
    applyPatch(entry.record.house, patch.login ? { ...patch, login: compactLogin(patch.login) } : patch);
    if (patch.login !== undefined) {
      this.#anonymous.delete(id);
      this.#logins.put(id, entry.record.house.login);
    }
    return true;
  }

  change(id: string, change: (data: SessionData) => PlainPatch): SessionData | undefined {
    const data = this.#use(id)?.record.house;
    if (data !== undefined) this.write(id, change(data));
    return data;
  }

  remove(id: string): SessionData | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#anonymous.delete(id);
    this.#logins.drop(id);
    const data = entry.record.house;
    this.#listener.ended(id, data.login?.user.tokenHash);
    return data;
  }

  removeByLogin(login: LoginSelector): readonly EndedSession[] {
    return this.#logins.find(login).flatMap((id) => {
      const data = this.remove(id);
      return data === undefined ? [] : [{ id, data }];
    });
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
    this.#logins.put(id, record.house?.login);
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

  /** Of those that nobody is logged in with. */
  #bound(id: string, house: SessionData | undefined): void {
    this.#anonymous.delete(id);
    const tooMany = house?.login === undefined ? this.#anonymous.add(id) : undefined;
    if (tooMany !== undefined) this.remove(tooMany);
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

  async #sweep(): Promise<void> {
    let [now, looks] = [Date.now(), 0];
    for (const [id, entry] of this.#entries) {
      notAhead(entry, now);
      const isOver = now > this.#endOf(entry);
      if (isOver) this.#expire(id);
      looks += isOver ? endTakes : 1;
      if (looks < lookedAtAtOnce) continue;
      await new Promise((others) => setImmediate(others));
      [now, looks] = [Date.now(), 0];
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
