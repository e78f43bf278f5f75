import session from 'express-session';
import { fewAtOnce } from '../few-at-once.ts';
import { changeInRedis, type RedisState } from './redis-change.ts';
import type { RedisCommands } from './redis-commands.ts';
import { endedChannel, leaseKey, onceKey, sessionKey } from './redis-keys.ts';
import { underLease } from './redis-lease.ts';
import { createLoginIndex, type LoginIndex } from './redis-login-index.ts';
import { createSchedule, type Schedule } from './redis-schedule.ts';
import * as scripts from './redis-scripts.ts';
import { createSessionCodec, type SessionCodec } from './session-codec.ts';
import type { Login, PlainPatch, SessionData, SessionPatch } from './session-data.ts';
import {
  type EndedSession,
  isMeant,
  type LoginSelector,
  nobodyListens,
  type PeekedSession,
  type SessionListener,
  type SessionStore,
} from './session-store.ts';
import { sweepInterval } from './sweep-interval.ts';

export interface RedisStoreOptions {
  readonly redis: RedisCommands;
  /** The first seals, all open; 32 bytes each. */
  readonly keys: readonly Buffer[];
  /** Milliseconds. */
  readonly idleTime: number;
  /** Milliseconds. */
  readonly longestLife: number;
  readonly listener?: SessionListener;
}

/** Milliseconds that a session is kept after its idle time, for its end to be told by some instance. */
const grace = 300_000;
/** Sessions of one login that are ended at a time: Redis has others to answer. */
const endedAtOnce = 50;

/**
 * Sessions shared by several instances: a hash in Redis for each, its parts sealed one by one, so that requests on
 * different instances change different parts without undoing each other. Ends are published, and looked for by all.
 */
export class RedisStore extends session.Store implements SessionStore {
  readonly #redis: RedisCommands;
  readonly #codec: SessionCodec;
  readonly #idleTime: number;
  readonly #longestLife: number;
  readonly #listener: SessionListener;
  readonly #schedule: Schedule;
  readonly #index: LoginIndex;
  readonly #sweeper: NodeJS.Timeout;
  readonly #run: scripts.RunScript = (script, key, ...values) =>
    this.#redis.eval(script, { keys: [key], arguments: values });

  constructor({ redis, keys, idleTime, longestLife, listener = nobodyListens }: RedisStoreOptions) {
    super();
    this.#redis = redis;
    this.#codec = createSessionCodec(keys);
    this.#idleTime = idleTime;
    this.#longestLife = longestLife;
    this.#listener = listener;
    this.#schedule = createSchedule(this.#run);
    this.#index = createLoginIndex(this.#run);
    redis.subscribe(endedChannel, (message) => {
      const [id = '', tokenHash] = message.split(' ');
      this.#codec.forget(id);
      listener.ended(id, tokenHash);
    });
    this.#sweeper = setInterval(() => void this.#sweep(), sweepInterval(Math.min(idleTime, longestLife)));
    this.#sweeper.unref();
  }

  async read(id: string): Promise<SessionData | undefined> {
    return (await this.#look(id, this.#idleTime + grace))?.data;
  }

  async peek(id: string): Promise<PeekedSession | undefined> {
    return this.#look(id, 0);
  }

  async write(id: string, patch: SessionPatch): Promise<boolean> {
    const life = String(this.#idleTime + grace);
    const fields = this.#codec.encode(id, patch);
    if ((await this.#run(scripts.writeScript, sessionKey(id), String(grace), life, ...fields)) !== 1) return false;
    if (patch.login !== undefined) await this.#index.add(id, patch.login, this.#longestLife);
    return true;
  }

  change(id: string, change: (data: SessionData) => PlainPatch): Promise<SessionData | undefined> {
    const put = [scripts.changeScript, sessionKey(id), String(grace), String(this.#idleTime + grace)] as const;
    const look = () => this.#stateOf(id, 0);
    const encode = (patch: PlainPatch) => this.#codec.encode(id, patch);
    return changeInRedis({ look, encode, put: (changes) => this.#run(...put, ...changes) }, change);
  }

  async remove(id: string): Promise<SessionData | undefined> {
    const data = this.#codec.decode(id, scripts.fieldsOf(await this.#run(scripts.takeScript, sessionKey(id))));
    this.#codec.forget(id);
    if (data === undefined) return undefined;
    // It is over from here on; who does not hear of it finds out by looking.
    const { login } = data;
    const told = login === undefined ? [] : [this.#tellAll(id, login), this.#index.drop(id, login)];
    await Promise.allSettled([this.#schedule.drop(id), ...told]);
    return data;
  }

  async removeByLogin(login: LoginSelector): Promise<readonly EndedSession[]> {
    const inTurn = fewAtOnce(endedAtOnce);
    const remove = async (id: string): Promise<readonly EndedSession[]> => {
      const peeked = await this.peek(id);
      const data = peeked && isMeant(peeked.data, login) ? await this.remove(id) : undefined;
      return data === undefined ? [] : [{ id, data }];
    };
    const ids = await this.#index.find(login);
    return (await Promise.all(ids.map((id) => inTurn(() => remove(id))))).flat();
  }

  exclusively(id: string, work: () => Promise<void>): Promise<boolean> {
    return underLease(this.#run, leaseKey(id), work);
  }

  async firstUse(value: string, lifetime: number): Promise<boolean> {
    return (await this.#run(scripts.leaseScript, onceKey(value), String(lifetime), '1')) !== null;
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
    clearInterval(this.#sweeper);
    await this.#redis.close();
  }

  async #tellAll(id: string, { user }: Login): Promise<void> {
    this.#listener.ended(id, user.tokenHash); // here at once: this instance need not wait to hear itself
    await this.#redis.publish(endedChannel, `${id} ${user.tokenHash}`);
  }

  /** @param life milliseconds that the key lives on from now; 0: only looking */
  async #look(id: string, life: number): Promise<PeekedSession | undefined> {
    const { left, data } = await this.#stateOf(id, life);
    if (data === undefined || left <= 0) return undefined;
    const now = Date.now();
    const endsAt = Math.min(now + (life > 0 ? this.#idleTime : left), data.createdAt + this.#longestLife);
    if (now <= endsAt) return { data, endsAt };
    await this.#expire(id);
    return undefined;
  }

  async #stateOf(id: string, life: number): Promise<RedisState> {
    const read = this.#run(scripts.readScript, sessionKey(id), String(grace), String(life));
    const [left, ...flat] = (await read) as string[];
    const fields = scripts.fieldsOf(flat);
    return { left: Number(left), fields, data: this.#codec.decode(id, fields) };
  }

  async #create(id: string, data: SessionData): Promise<void> {
    const fields = this.#codec.encode(id, data, data.createdAt);
    await this.#run(scripts.createScript, sessionKey(id), String(this.#idleTime + grace), ...fields);
    await this.#schedule.put(id, Math.min(this.#idleTime, data.createdAt + this.#longestLife - Date.now()));
    if (data.login !== undefined) await this.#index.add(id, data.login, this.#longestLife);
  }

  async #sweep(): Promise<void> {
    if (!this.#redis.isReady) return;
    // Redis out of reach: the connection tells so, and what was claimed comes up again.
    await this.#schedule.sweep((id) => this.#settle(id)).catch(() => {});
  }

  async #settle(id: string): Promise<void> {
    const { left, data } = await this.#stateOf(id, 0);
    if (left <= -grace) return void (await this.#schedule.drop(id)); // there is no key
    if (data === undefined) return; // sealed by somebody who shares this Redis with us: theirs to end
    const rest = Math.min(left, data.createdAt + this.#longestLife - Date.now());
    await (rest > 0 ? this.#schedule.put(id, rest) : this.#expire(id));
  }

  async #expire(id: string): Promise<void> {
    const data = await this.remove(id);
    if (data !== undefined) this.#listener.expired({ id, data });
  }
}
