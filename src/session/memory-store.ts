import session from 'express-session';
import { applyPatch, type SessionData, type SessionPatch } from './session-data.ts';
import {
  type EndedSession,
  isMeant,
  type LoginSelector,
  type PeekedSession,
  type SessionStore,
} from './session-store.ts';

interface Entry {
  record: session.SessionData;
  /** Milliseconds since the epoch of the last use. */
  usedAt: number;
}

/**
 * Sessions of one instance, kept as live objects: nothing is serialised, on no request. (express-session's own store
 * turns every session into JSON and back; measured in design section 2.)
 */
export class MemoryStore extends session.Store implements SessionStore {
  readonly #entries = new Map<string, Entry>();
  readonly #idleTime: number;
  readonly #longestLife: number;
  readonly #onExpired: (data: SessionData, id: string) => void;
  readonly #sweeper: NodeJS.Timeout;

  /**
   * @param idleTime milliseconds of inactivity after which a session is gone
   * @param longestLife milliseconds after which it is gone, used or not
   * @param onExpired told of each session that went so
   */
  constructor(
    idleTime: number,
    longestLife = Number.POSITIVE_INFINITY,
    onExpired: (data: SessionData, id: string) => void = () => {},
  ) {
    super();
    this.#onExpired = onExpired;
    this.#idleTime = idleTime;
    this.#longestLife = longestLife;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(60_000, Math.max(1_000, idleTime / 4)));
    this.#sweeper.unref();
  }

  read(id: string): SessionData | undefined {
    return this.#use(id)?.record.house;
  }

  peek(id: string): PeekedSession | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const { house: data } = entry.record;
    const endsAt = Math.min(entry.usedAt + this.#idleTime, data.createdAt + this.#longestLife);
    return Date.now() > endsAt ? undefined : { data, endsAt };
  }

  write(id: string, patch: SessionPatch): void {
    const entry = this.#use(id);
    if (entry) applyPatch(entry.record.house, patch);
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  removeByLogin(login: LoginSelector): readonly EndedSession[] {
    const removed: EndedSession[] = [];
    for (const [id, { record }] of this.#entries) {
      if (!isMeant(record.house, login)) continue;
      this.#entries.delete(id);
      removed.push({ id, data: record.house });
    }
    return removed;
  }

  /** One instance: whoever asks is alone. */
  async exclusively(_id: string, work: () => Promise<void>): Promise<boolean> {
    await work();
    return true;
  }

  isReady(): boolean {
    return true;
  }

  override get(id: string, callback: (error: unknown, record?: session.SessionData | null) => void): void {
    callback(null, this.#use(id)?.record ?? null);
  }

  override set(id: string, record: session.SessionData, callback?: (error?: unknown) => void): void {
    this.#entries.set(id, { record: { cookie: record.cookie, house: record.house }, usedAt: Date.now() });
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

  #use(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const now = Date.now();
    if (now - entry.usedAt > this.#idleTime || now - entry.record.house.createdAt > this.#longestLife) {
      this.#expire(id, entry);
      return undefined;
    }
    entry.usedAt = now;
    return entry;
  }

  #sweep(): void {
    const oldest = Date.now() - this.#idleTime;
    for (const [id, entry] of this.#entries) if (entry.usedAt < oldest) this.#expire(id, entry);
  }

  #expire(id: string, { record }: Entry): void {
    this.#entries.delete(id);
    this.#onExpired(record.house, id);
  }
}
