import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openRedis, type Redis } from './support/open-redis.ts';
import { loggedIn, type OpenStore, openStore, put, type StoreSetup } from './support/open-stores.ts';

/** Two instances, one Redis; each test has sessions of its own. */
let redis: Redis;
let env: { REDIS_URL: string };
let [a, b] = [] as unknown as [OpenStore, OpenStore];
beforeAll(async () => {
  redis = await openRedis();
  env = { REDIS_URL: redis.url };
  [a, b] = await Promise.all([openStore({ env }), openStore({ env })]);
});

const selector = (sid?: string, subject?: string) => ({ provider: 'oidc', sid, subject });
/** How many sessions are found by a login's `sub`. */
const indexed = (sub: string) => {
  const hash = createHash('sha256')
    .update(JSON.stringify(['sub', 'oidc', sub]))
    .digest('base64url');
  return redis.tell('ZCARD', `portunus:session:by:${hash}`);
};
const scheduled = async (id: string) => (await redis.tell('ZSCORE', 'portunus:session:ends', id)) !== '$-1';
/** An instance with other settings than the two, for one test: it would look for ends of all that comes later. */
const openOther = (setup: Omit<StoreSetup, 'env'>) => openStore({ env, ...setup }, onTestFinished);

test('sessions are read on a connection that hears no channel: Redis cuts such a one when much waits on it', async () => {
  const limit = (bytes: number) => redis.tell('CONFIG', 'SET', 'client-output-buffer-limit', `pubsub ${bytes} 0 0`);
  await put(a, 'large', { ...loggedIn('ada', 's7'), csrfToken: 'x'.repeat(300_000) });
  expect(await limit(65_536)).toBe('+OK');
  onTestFinished(async () => void (await limit(0)));
  expect((await b.store.read('large'))?.csrfToken).toHaveLength(300_000);
});

describe('a session of one instance is one of the other', () => {
  test('read, changed part by part, and ended', async () => {
    await put(a, 'shared', loggedIn('ada', 's1'));
    expect(await b.store.read('shared')).toMatchObject({ csrfToken: 'csrf', login: { sid: 's1' } });
    await Promise.all([
      a.store.write('shared', { csrfToken: 'new' }),
      b.store.write('shared', { cookies: { quay: [{ name: 'x', value: '1', path: '/', secure: false }] } }),
    ]);
    expect(await a.store.read('shared')).toMatchObject({ csrfToken: 'new', cookies: { quay: [{ value: '1' }] } });
    await b.store.remove('shared');
    expect(await a.store.read('shared')).toBeUndefined();
  });

  test('one part that both change at once holds what all have put there', async () => {
    await put(a, 'crowded', loggedIn('ada', 's5'));
    const names = Array.from({ length: 12 }, (_, i) => `c${i}`);
    const keeps = names.map((name, i) =>
      (i % 2 ? a : b).store.change('crowded', ({ cookies = {} }) => ({
        cookies: { quay: [...(cookies['quay'] ?? []), { name, value: '1', path: '/', secure: false }] },
      })),
    );
    expect((await Promise.all(keeps)).every((data) => data?.cookies?.['quay'] !== undefined)).toBe(true);
    const kept = (await a.store.read('crowded'))?.cookies?.['quay']?.map(({ name }) => name);
    expect(kept?.sort()).toEqual(names.sort());
  });

  test('changed by what it holds: what is there already stays, and what is gone stays gone', async () => {
    await put(a, 'told', loggedIn('ada', 's6'));
    const held = await b.store.change('told', ({ csrfToken }) =>
      csrfToken === undefined ? { csrfToken: 'late' } : {},
    );
    expect(held?.csrfToken).toBe('csrf');
    await a.store.remove('told');
    expect(await b.store.change('told', () => ({ csrfToken: 'late' }))).toBeUndefined();
    expect(await a.store.read('told')).toBeUndefined();
  });

  test('what it held is given to one of those who end it at once', async () => {
    await put(a, 'once', loggedIn('ada', 's2'));
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? a : b).store.remove('once')));
    expect(all.filter((data) => data !== undefined)).toHaveLength(1);
  });

  test('a change that comes after the end changes nothing, and says so', async () => {
    await put(a, 'gone', loggedIn('ada', 's3'));
    await b.store.remove('gone');
    expect(await a.store.write('gone', { login: loggedIn('ada', 's3').login as never })).toBe(false);
    expect(await a.store.read('gone')).toBeUndefined();
  });

  test('the end is heard on both, in no time', async () => {
    await put(a, 'heard', loggedIn('ada', 's4'));
    const before = performance.now();
    await a.store.remove('heard');
    expect(a.ended).toContain('heard');
    await vi.waitFor(() => expect(b.ended).toContain('heard'), { timeout: 2_000, interval: 5 });
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  test('a value is taken once on all instances', async () => {
    const taken = await Promise.all([a.store.firstUse('jti', 60_000), b.store.firstUse('jti', 60_000)]);
    expect(taken.sort()).toEqual([false, true]);
  });
});

describe('sessions that a provider means', () => {
  test('are found on all instances, by sid or by sub, and both must fit where both are named', async () => {
    await put(a, 'bob-1', loggedIn('bob', 'b1'));
    await put(b, 'bob-2', loggedIn('bob', 'b2'));
    await put(b, 'eve', loggedIn('eve', 'e1'));
    expect(await a.store.removeByLogin(selector('b1', 'eve'))).toEqual([]);
    expect((await a.store.removeByLogin(selector('b1'))).map(({ id }) => id)).toEqual(['bob-1']);
    expect((await a.store.removeByLogin(selector(undefined, 'bob'))).map(({ id }) => id)).toEqual(['bob-2']);
    expect(await b.store.read('eve')).toBeDefined();
  });

  test('by the subject of the id_token, where the access token has another one', async () => {
    const idToken = `x.${Buffer.from('{"sub":"pairwise"}').toString('base64url')}.y`;
    await put(a, 'pairwise', loggedIn('internal', 'p1', { idToken }));
    expect(await b.store.removeByLogin(selector(undefined, 'internal'))).toEqual([]);
    expect(await b.store.removeByLogin(selector(undefined, 'pairwise'))).toHaveLength(1);
  });

  test('leave nothing behind: indexes and schedule shrink with them', async () => {
    for (let i = 0; i < 50; i++) await put(i % 2 ? a : b, `carol-${i}`, loggedIn('carol', `c${i}`));
    expect(await indexed('carol')).toBe(':50');
    for (let i = 0; i < 49; i++) await a.store.remove(`carol-${i}`);
    expect(await indexed('carol')).toBe(':1');
    expect([await scheduled('carol-48'), await scheduled('carol-49')]).toEqual([false, true]);
    await b.store.removeByLogin(selector(undefined, 'carol'));
    expect(await indexed('carol')).toBe(':0');
  });

  test('that Redis has lost fall out of the index when their longest life is over', async () => {
    const brief = await openOther({ longestLife: 100 });
    await put(brief, 'dave-1', loggedIn('dave', 'd1'));
    await redis.tell('DEL', 'portunus:session:dave-1');
    await new Promise((over) => setTimeout(over, 150));
    await put(brief, 'dave-2', loggedIn('dave', 'd2'));
    expect(await indexed('dave')).toBe(':1');
  });
});

describe('the time of a session', () => {
  test('is over for all after the idle time, and one instance is told to clean up', async () => {
    const [one, two] = await Promise.all([openOther({ idleTime: 400 }), openOther({ idleTime: 400 })]);
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => put(i % 2 ? one : two, `idle-${i}`, loggedIn('idle', `i${i}`))),
    );
    await put(one, 'used', loggedIn('used', 'u'));
    const using = setInterval(() => void two.store.read('used').catch(() => {}), 100);
    await vi.waitFor(() => expect(one.expired.length + two.expired.length).toBeGreaterThanOrEqual(30), {
      timeout: 5_000,
      interval: 20,
    });
    const ids = [...one.expired, ...two.expired].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain('used');
    expect(await one.store.read('used')).toBeDefined();
    clearInterval(using);
    expect(ids.every((id) => one.ended.includes(id) || two.ended.includes(id))).toBe(true);
    expect(one.expired[0]?.data.login ?? two.expired[0]?.data.login, 'with what it held').toBeDefined();
    expect(await indexed('idle')).toBe(':0');
  });

  test('within the idle time it is not used by looking, and after it not brought back by anything', async () => {
    const one = await openOther({ idleTime: 300 });
    await put(one, 'looked-at', loggedIn('erin', 'x'));
    const until = Date.now() + 350;
    while (Date.now() < until) {
      const peeked = await one.store.peek('looked-at');
      if (peeked) expect(peeked.endsAt).toBeLessThanOrEqual(until);
      await new Promise((over) => setTimeout(over, 50));
    }
    expect(await a.store.peek('looked-at')).toBeUndefined();
    expect(await one.store.read('looked-at')).toBeUndefined();
    expect(await one.store.write('looked-at', { csrfToken: 'x' })).toBe(false);
  });

  test('is over after the longest life, however much it is used', async () => {
    const one = await openOther({ longestLife: 300 });
    await put(one, 'old', loggedIn('frank', 'x'));
    const until = Date.now() + 350;
    while (Date.now() < until) {
      await one.store.read('old');
      await new Promise((over) => setTimeout(over, 50));
    }
    expect(await one.store.read('old')).toBeUndefined();
    await vi.waitFor(() => expect(one.expired.map(({ id }) => id)).toEqual(['old']));
  });
});

describe('the lease of a session', () => {
  test('is held by one instance, for as long as its work takes', async () => {
    let working = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++working);
      await new Promise((over) => setTimeout(over, 20));
      working -= 1;
    };
    const held = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? a : b).store.exclusively('lease', work)),
    );
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(1);
    expect(most).toBe(1);
    expect(await b.store.exclusively('lease', work)).toBe(true);
  });

  test('is prolonged while its holder lives, and lapses when it does not', async () => {
    const { promise: working, resolve: go } = Promise.withResolvers<void>();
    const holding = a.store.exclusively('slow', () => working);
    const left = async () => Number((await redis.tell('PTTL', 'portunus:session:lease:slow')).slice(1));
    await vi.waitFor(async () => expect(await left()).toBeLessThan(4_000), { timeout: 4_000, interval: 20 });
    await vi.waitFor(async () => expect(await left()).toBeGreaterThan(4_500), { timeout: 4_000, interval: 20 });
    expect(await b.store.exclusively('slow', async () => {})).toBe(false);
    go();
    expect(await holding).toBe(true);
    await redis.tell('SET', 'portunus:session:lease:dead', 'somebody', 'PX', '100');
    await vi.waitFor(async () => expect(await b.store.exclusively('dead', async () => {})).toBe(true));
  });
});

describe('what is at rest', () => {
  test('is sealed: neither token nor user can be read in Redis', async () => {
    await put(a, 'sealed', loggedIn('grace', 'g1', { refreshToken: 'a-refresh-token' }));
    const dump = await everything();
    expect(dump).toContain('portunus:session:sealed');
    for (const secret of ['a-refresh-token', 'grace', 'token of', '"csrf"']) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(Buffer.from(secret).toString('base64url').slice(0, -1));
    }
  });

  test('is read with an earlier key, and by nobody who has another', async () => {
    const [old, other] = [Buffer.alloc(32, 7), Buffer.alloc(32, 9)];
    await put(a, 'kept', loggedIn('heidi', 'h1'));
    const rotated = await openOther({ keys: [other, old] });
    expect(await rotated.store.read('kept')).toMatchObject({ login: { sid: 'h1' } });
    const stranger = await openOther({ keys: [other] });
    expect(await stranger.store.read('kept')).toBeUndefined();
    expect(await a.store.read('kept')).toBeDefined();
  });

  test('and moved to another session it opens no more', async () => {
    await put(a, 'mallory', loggedIn('mallory', 'm1'));
    await put(a, 'victim', loggedIn('victim', 'v1'));
    await redis.tell('COPY', 'portunus:session:victim', 'portunus:session:mallory', 'REPLACE');
    expect(await b.store.read('mallory')).toBeUndefined();
  });
});

/** All that Redis holds, as text. */
async function everything(): Promise<string> {
  await redis.tell('CONFIG', 'SET', 'rdbcompression', 'no');
  await redis.tell('SAVE');
  return readFileSync(`${redis.directory}/dump.rdb`, 'latin1');
}
