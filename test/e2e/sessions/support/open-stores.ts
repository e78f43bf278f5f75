import session from 'express-session';
import { vi } from 'vitest';
import { readEnvironment } from '../../../../src/config/environment.ts';
import { readExternalSessions } from '../../../../src/config/redis-settings.ts';
import { Problems } from '../../../../src/errors/config-error.ts';
import { userOf } from '../../../../src/login/user-of.ts';
import { connectRedis } from '../../../../src/session/connect-redis.ts';
import { RedisStore } from '../../../../src/session/redis-store.ts';
import type { Login, SessionData } from '../../../../src/session/session-data.ts';
import type { EndedSession } from '../../../../src/session/session-store.ts';
import { atEnd } from '../../../support/at-end.ts';
import { workingDirectory } from '../../../support/working-directory.ts';

/** A store as an instance has it, and what it was told. */
export interface OpenStore {
  readonly store: RedisStore;
  /** Ids of sessions whose end was heard. */
  readonly ended: readonly string[];
  /** Sessions that this instance was to clean up after. */
  readonly expired: readonly EndedSession[];
}

export interface StoreSetup {
  /** Environment that says where Redis is. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly idleTime?: number;
  /** Milliseconds. */
  readonly longestLife?: number;
  readonly keys?: readonly Buffer[];
  /** Milliseconds until Redis must be reached. */
  readonly patience?: number;
}

const key = Buffer.alloc(32, 7);

/** Opens the store of an instance; it is closed when the test file is done, or when `onEnd` calls. */
export async function openStore(
  { env, idleTime = 60_000, longestLife = 600_000, keys = [key], patience = 10_000 }: StoreSetup,
  onEnd: (close: () => Promise<void>) => void = atEnd,
): Promise<OpenStore> {
  const problems = new Problems();
  const external = readExternalSessions(readEnvironment(workingDirectory({}), problems, env), bindings(env), problems);
  problems.throwIfAny();
  if (external === undefined) throw new Error('no Redis is configured');
  const [ended, expired] = [[] as string[], [] as EndedSession[]];
  const redis = connectRedis(external.redis, () => {});
  const store = new RedisStore({
    redis,
    keys,
    idleTime,
    longestLife,
    listener: { ended: (id) => void ended.push(id), expired: (one) => void expired.push(one) },
  });
  onEnd(() => store.close());
  await vi.waitFor(() => store.isReady() || Promise.reject(new Error('not ready')), {
    timeout: patience,
    interval: 20,
  });
  return { store, ended, expired };
}

function bindings({ BINDING }: Readonly<Record<string, string>>) {
  if (BINDING === undefined) return [];
  return [{ name: 'sessions', label: 'redis-cache', tags: [], plan: '', credentials: JSON.parse(BINDING) }];
}

/** Puts a session into a store as express-session does. */
export function put({ store }: OpenStore, id: string, data: SessionData): Promise<void> {
  return new Promise((done, failed) => {
    const record = { cookie: new session.Cookie(), house: data } as session.SessionData;
    store.set(id, record, (error) => (error ? failed(error as Error) : done()));
  });
}

export function loggedIn(sub: string, sid?: string, told: Partial<Login> = {}): SessionData {
  const now = Date.now();
  const login: Login = {
    user: userOf('oidc', `token of ${sub} ${sid}`, { sub }, []),
    sid,
    idToken: undefined,
    refreshToken: 'refresh',
    obtainedAt: now,
    expiresAt: now + 3_600_000,
    ...told,
  };
  return { createdAt: now, csrfToken: 'csrf', login };
}
