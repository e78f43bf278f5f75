import { createHash } from 'node:crypto';
import session from 'express-session';
import { createSessionCodec, type SessionCodec } from './session-codec.ts';
import { applyPatch, type SessionData, type SessionPatch } from './session-data.ts';
import {
  type EndedSession,
  isMeant,
  type LoginSelector,
  type PeekedSession,
  type SessionStore,
} from './session-store.ts';

/** The commands of Redis that the store needs; what a connection is made of is nobody's business here. */
export interface RedisCommands {
  hGetAll(key: string): Promise<Record<string, string>>;
  pExpire(key: string, milliseconds: number): Promise<unknown>;
  /** Milliseconds; negative when there is no key or no end. */
  pTTL(key: string): Promise<number>;
  del(key: string): Promise<unknown>;
  sMembers(key: string): Promise<string[]>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  readonly isReady: boolean;
  close(): Promise<void>;
}

export interface RedisStoreOptions {
  readonly redis: RedisCommands;
  /** The first seals, all open; 32 bytes each. */
  readonly keys: readonly Buffer[];
  /** Milliseconds. */
  readonly idleTime: number;
  /** Milliseconds. */
  readonly longestLife: number;
}

const prefix = 'portunus:session:';
/** Milliseconds that a renewal may take on one instance; longer than its request may. */
const leaseTime = 15_000;

// Writes only into a session that is there: a request that ends after the logout must not bring it back.
const writeScript = `if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;
const createScript = `redis.call('DEL', KEYS[1])
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;
const indexScript = `redis.call('SADD', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;
const leaseScript = `return redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[1])`;
const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/**
 * Sessions shared by several instances: a hash in Redis for each, its parts sealed one by one, so that requests on
 * different instances change different parts without undoing each other.
 */
export class RedisStore extends session.Store implements SessionStore {
  readonly #redis: RedisCommands;
  readonly #codec: SessionCodec;
  readonly #idleTime: number;
  readonly #longestLife: number;

  constructor({ redis, keys, idleTime, longestLife }: RedisStoreOptions) {
    super();
    this.#redis = redis;
    this.#codec = createSessionCodec(keys);
    this.#idleTime = idleTime;
    this.#longestLife = longestLife;
  }

  async read(id: string): Promise<SessionData | undefined> {
    const key = prefix + id;
    // Both in one round trip: commands of one tick travel together.
    const [fields] = await Promise.all([this.#redis.hGetAll(key), this.#redis.pExpire(key, this.#idleTime)]);
    const data = this.#codec.decode(id, fields);
    if (data === undefined || Date.now() - data.createdAt <= this.#longestLife) return data;
    await this.remove(id);
    return undefined;
  }

  async peek(id: string): Promise<PeekedSession | undefined> {
    const key = prefix + id;
    const [fields, left] = await Promise.all([this.#redis.hGetAll(key), this.#redis.pTTL(key)]);
    const data = this.#codec.decode(id, fields);
    if (data === undefined || left < 0) return undefined;
    const endsAt = Math.min(Date.now() + left, data.createdAt + this.#longestLife);
    return Date.now() > endsAt ? undefined : { data, endsAt };
  }

  async write(id: string, patch: SessionPatch): Promise<void> {
    const fields = this.#codec.encode(id, patch);
    await this.#redis.eval(writeScript, { keys: [prefix + id], arguments: [String(this.#idleTime), ...fields] });
    await this.#index(id, patch);
  }

  async remove(id: string): Promise<void> {
    await this.#redis.del(prefix + id);
  }

  async removeByLogin(login: LoginSelector): Promise<readonly EndedSession[]> {
    const removed: EndedSession[] = [];
    for (const key of indexKeys(login.provider, login.sid, login.subject)) {
      for (const id of await this.#redis.sMembers(key)) {
        const data = await this.read(id);
        if (data === undefined || !isMeant(data, login)) continue;
        await this.remove(id);
        removed.push({ id, data });
      }
    }
    return removed;
  }

  async exclusively(id: string, work: () => Promise<void>): Promise<boolean> {
    const key = `${prefix}lease:${id}`;
    const holder = crypto.randomUUID();
    const taken = await this.#redis.eval(leaseScript, { keys: [key], arguments: [String(leaseTime), holder] });
    if (taken === null) return false;
    try {
      await work();
    } finally {
      await this.#redis.eval(releaseScript, { keys: [key], arguments: [holder] });
    }
    return true;
  }

  isReady(): boolean {
    return this.#redis.isReady;
  }

  override get(id: string, callback: (error: unknown, record?: session.SessionData | null) => void): void {
    this.read(id).then((data) => callback(null, data ? { cookie: new session.Cookie(), house: data } : null), callback);
  }

  override set(id: string, record: session.SessionData, callback: (error?: unknown) => void = () => {}): void {
    this.#create(id, record.house).then(() => callback(), callback);
  }

  override destroy(id: string, callback: (error?: unknown) => void = () => {}): void {
    this.remove(id).then(() => callback(), callback);
  }

  override touch(_id: string, _record: session.SessionData, callback: () => void = () => {}): void {
    callback(); // reading touched it
  }

  async close(): Promise<void> {
    await this.#redis.close();
  }

  async #create(id: string, data: SessionData): Promise<void> {
    const whole: SessionData = { createdAt: data.createdAt };
    applyPatch(whole, data);
    const fields = this.#codec.encode(id, data, data.createdAt);
    await this.#redis.eval(createScript, { keys: [prefix + id], arguments: [String(this.#idleTime), ...fields] });
    await this.#index(id, data);
  }

  /** Finds sessions by login again: what a provider's logout names. */
  async #index(id: string, { login }: SessionPatch): Promise<void> {
    if (login === undefined) return;
    const { provider, claims } = login.user;
    const life = String(Number.isFinite(this.#longestLife) ? this.#longestLife : 2_592_000_000);
    for (const key of indexKeys(provider, login.sid, claims['sub']))
      await this.#redis.eval(indexScript, { keys: [key], arguments: [life, id] });
  }
}

function indexKeys(provider: string, sid: string | undefined, subject: unknown): string[] {
  // Hashed: who is logged in is nobody's business who can list keys.
  const key = (kind: string, value: string) =>
    `${prefix}by:${createHash('sha256')
      .update(JSON.stringify([kind, provider, value]))
      .digest('base64url')}`;
  return [
    ...(sid === undefined ? [] : [key('sid', sid)]),
    ...(typeof subject === 'string' ? [key('sub', subject)] : []),
  ];
}
