import { createHash } from 'node:crypto';
import type { ExternalSessions } from '../config/redis-settings.ts';
import { connectRedis } from './connect-redis.ts';
import { MemoryStore } from './memory-store.ts';
import { RedisStore } from './redis-store.ts';
import type { SessionListener, SessionStore } from './session-store.ts';

export interface StoreOptions {
  /** Redis, when sessions are shared; undefined: in memory. */
  readonly external: ExternalSessions | undefined;
  /** The first seals, all open; 32 bytes each. */
  readonly keys: readonly Buffer[];
  /** Milliseconds. */
  readonly idleTime: number;
  /** Milliseconds. */
  readonly longestLife: number;
  readonly listener: SessionListener;
  readonly onLost: () => void;
}

/** A store and what it was made of. */
export interface OpenStore {
  readonly store: SessionStore;
  readonly madeOf: string;
}

/**
 * @param earlier the one in use: one made of the same goes on, and sessions in memory go on in any case, under the new
 * times. Its listener goes on too
 */
export function openSessionStore(options: StoreOptions, earlier?: OpenStore): OpenStore {
  const { external, keys, idleTime, longestLife, listener, onLost } = options;
  if (external === undefined) {
    if (!(earlier?.store instanceof MemoryStore))
      return { store: new MemoryStore(idleTime, longestLife, listener), madeOf: 'memory' };
    earlier.store.adopt(idleTime, longestLife);
    return earlier;
  }
  const parts = JSON.stringify([external.redis, idleTime, longestLife, keys.map((key) => key.toString('base64'))]);
  const madeOf = createHash('sha256').update(parts).digest('base64url');
  if (earlier?.madeOf === madeOf) return earlier;
  const redis = connectRedis(external.redis, onLost);
  return { store: new RedisStore({ redis, keys, idleTime, longestLife, listener }), madeOf };
}
