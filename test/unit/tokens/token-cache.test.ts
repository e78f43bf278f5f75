import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { bearer } from '../../../src/tokens/bearer.ts';
import type { Issued } from '../../../src/tokens/credential.ts';
import { createTokenCache } from '../../../src/tokens/token-cache.ts';

/** A cache with a clock that is moved by hand, in seconds. */
function cacheAt(capacity = 100) {
  const clock = { seconds: 1_000_000 };
  const now = () => clock.seconds * 1000;
  const cache = createTokenCache({ capacity, now });
  const issue = (token: string, lifetime?: number): Issued => ({
    credential: bearer(token),
    expiresAt: lifetime === undefined ? undefined : now() + lifetime * 1000,
  });
  return { clock, cache, issue };
}

/** A promise that is settled by hand. */
function pending<T>() {
  return Promise.withResolvers<T>();
}

describe('a credential is used until shortly before its end', () => {
  test.each([
    [3600, 3299, 3301],
    [86_400, 86_099, 86_101],
    [600, 539, 541],
    [60, 53, 55],
  ])('one of %i s is still there after %i s and gone after %i s', async (lifetime, before, after) => {
    const { clock, cache, issue } = cacheAt();
    await cache.load('k', 'k', async () => issue('t', lifetime));
    clock.seconds += before;
    expect(cache.get('k')?.credential).toEqual(bearer('t'));
    clock.seconds += after - before;
    expect(cache.get('k')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('one that does not age stays', async () => {
    const { clock, cache, issue } = cacheAt();
    await cache.load('k', 'k', async () => issue('t'));
    clock.seconds += 1e9;
    expect(cache.get('k')?.credential).toEqual(bearer('t'));
  });

  test.each([0, -5])('one of %i s is handed out once and not kept', async (lifetime) => {
    const { cache, issue } = cacheAt();
    expect((await cache.load('k', 'k', async () => issue('t', lifetime))).credential).toEqual(bearer('t'));
    expect(cache.get('k')).toBeUndefined();
  });
});

describe('it is bounded', () => {
  test('the one not used for longest goes first', async () => {
    const { cache, issue } = cacheAt(2);
    const load = (key: string) => cache.load(key, key, async () => issue(key, 3600));
    await load('a');
    await load('b');
    cache.get('a');
    await load('c');
    expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
    expect(cache.size).toBe(2);
  });
});

describe('what is under way is shared', () => {
  test('one load for all who ask meanwhile', async () => {
    const { cache, issue } = cacheAt();
    const { promise, resolve } = pending<Issued>();
    let loads = 0;
    const load = () => {
      loads += 1;
      return promise;
    };
    const asked = Array.from({ length: 50 }, () => cache.load('k', 'k', load));
    resolve(issue('t', 3600));
    expect(new Set((await Promise.all(asked)).map((credential) => JSON.stringify(credential))).size).toBe(1);
    expect(loads).toBe(1);
  });

  test('a failure reaches all of them, and the next one asks again', async () => {
    const { cache, issue } = cacheAt();
    const { promise, reject } = pending<Issued>();
    const asked = [cache.load('k', 'k', () => promise), cache.load('k', 'k', () => promise)];
    reject(new Error('down'));
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await cache.load('k', 'k', async () => issue('t', 3600))).credential).toEqual(bearer('t'));
  });

  test('a load that throws at once is a failure too', async () => {
    const { cache } = cacheAt();
    const load = () => {
      throw new Error('at once');
    };
    await expect((async () => cache.load('k', 'k', load))()).rejects.toThrow('at once');
  });

  test('different flights for one key are different loads; the last to arrive is kept', async () => {
    const { cache, issue } = cacheAt();
    await Promise.all([
      cache.load('k', 'k plain', async () => issue('one', 3600)),
      cache.load('k', 'k fresh', async () => issue('two', 3600)),
    ]);
    expect(cache.get('k')?.credential).toEqual(bearer('two'));
  });
});

describe('forgetting', () => {
  test('takes out what is somebody’s and nothing else', async () => {
    const { cache, issue } = cacheAt();
    for (const key of ['d1 alice', 'd2 alice', 'd1 bob', 'd1'])
      await cache.load(key, key, async () => issue(key, 3600), key.split(' ')[1]);
    cache.forget('alice');
    expect(['d1 alice', 'd2 alice', 'd1 bob', 'd1'].map((key) => cache.get(key) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test('what arrives after a logout is not kept', async () => {
    const { cache, issue } = cacheAt();
    const { promise, resolve } = pending<Issued>();
    const asked = cache.load('d alice', 'd alice', () => promise, 'alice');
    cache.forget('alice');
    resolve(issue('late', 3600));
    expect((await asked).credential).toEqual(bearer('late'));
    expect(cache.get('d alice')).toBeUndefined();
  });

  test('a load begun after the logout is kept although an older one was dropped', async () => {
    const { cache, issue } = cacheAt();
    const first = pending<Issued>();
    const second = pending<Issued>();
    const asked = [cache.load('k', 'k', () => first.promise, 'alice')];
    cache.forget('alice');
    asked.push(cache.load('k', 'k', () => second.promise, 'alice'));
    second.resolve(issue('new', 3600));
    await asked[1];
    first.resolve(issue('old', 3600));
    await asked[0];
    expect(cache.get('k')?.credential).toEqual(bearer('new'));
  });
});

describe('a refusal', () => {
  const refusing = async (): Promise<Issued> => {
    throw new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502, members: { tokenServiceStatus: 400 } });
  };

  test('stands for two seconds for who asks the same, and is not asked about', async () => {
    const { clock, cache, issue } = cacheAt();
    await expect(cache.load('k', 'k plain', refusing)).rejects.toThrow(AppError);
    let loads = 0;
    const load = async () => {
      loads += 1;
      return issue('t', 3600);
    };
    clock.seconds += 1;
    await expect(cache.load('k', 'k plain', load)).rejects.toThrow(AppError);
    expect(loads).toBe(0);
    clock.seconds += 1;
    expect((await cache.load('k', 'k plain', load)).credential).toEqual(bearer('t'));
  });

  test('does not stand for who asks something else: another key, or more for this one', async () => {
    const { cache, issue } = cacheAt();
    await expect(cache.load('k', 'k plain', refusing)).rejects.toThrow(AppError);
    expect((await cache.load('k', 'k claims', async () => issue('c', 3600))).credential).toEqual(bearer('c'));
    expect((await cache.load('l', 'l plain', async () => issue('l', 3600))).credential).toEqual(bearer('l'));
  });

  test.each([
    ['a service that is down', {}],
    ['a service that is out of order', { tokenServiceStatus: 503 }],
    ['an answer that is none', { tokenServiceStatus: 200 }],
    ['a redirect', { tokenServiceStatus: 302 }],
  ])('%s is no refusal: it is asked again at once', async (_, members) => {
    const { cache, issue } = cacheAt();
    const failing = async (): Promise<Issued> => {
      throw new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502, members });
    };
    await expect(cache.load('k', 'k', failing)).rejects.toThrow(AppError);
    expect((await cache.load('k', 'k', async () => issue('t', 3600))).credential).toEqual(bearer('t'));
  });

  test('of a load that a logout overtook is not remembered', async () => {
    const { cache, issue } = cacheAt();
    const { promise, reject } = pending<Issued>();
    const asked = cache.load('d alice', 'd alice', () => promise, 'alice');
    cache.forget('alice');
    reject(new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502, members: { tokenServiceStatus: 400 } }));
    await expect(asked).rejects.toThrow(AppError);
    expect((await cache.load('d alice', 'd alice', async () => issue('t', 3600))).credential).toEqual(bearer('t'));
  });
});

describe('a refresh token', () => {
  const withRefresh = (issued: Issued, refreshToken: string): Issued => ({
    ...issued,
    answer: { token: 't', expiresAt: 0, refreshToken },
  });

  test('outlives the token it came with, until it is forgotten', async () => {
    const { clock, cache, issue } = cacheAt();
    await cache.load('d alice', 'd alice', async () => withRefresh(issue('t', 60), 'r'), 'alice');
    clock.seconds += 100;
    expect(cache.get('d alice')).toBeUndefined();
    expect(cache.refreshTokenOf('d alice')).toBe('r');
    cache.forget('alice');
    expect(cache.refreshTokenOf('d alice')).toBeUndefined();
  });

  test('goes when nobody has used it for a day after that', async () => {
    const { clock, cache, issue } = cacheAt();
    await cache.load('d alice', 'd alice', async () => withRefresh(issue('t', 60), 'r'));
    clock.seconds += 86_000;
    await cache.load('d bob', 'd bob', async () => issue('t', 60_000));
    expect(cache.refreshTokenOf('d alice')).toBe('r');
    clock.seconds += 460;
    await cache.load('d cem', 'd cem', async () => issue('t', 60));
    await cache.load('d dan', 'd dan', async () => issue('t', 60));
    expect(cache.refreshTokenOf('d alice')).toBeUndefined();
  });

  test('goes with its entry when there is no room', async () => {
    const { cache, issue } = cacheAt(1);
    await cache.load('a', 'a', async () => withRefresh(issue('t', 60), 'r'));
    await cache.load('b', 'b', async () => issue('t', 60));
    expect([cache.refreshTokenOf('a'), cache.size]).toEqual([undefined, 1]);
  });
});

describe('a service that says when to come back', () => {
  const throttled = (seconds: string) => async (): Promise<Issued> => {
    throw new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502, headers: { 'retry-after': seconds } });
  };

  test.each([
    ['30', 29, 31],
    ['999999', 3599, 3601],
  ])('is left alone for %s s, an hour at most', async (seconds, before, after) => {
    const { clock, cache, issue } = cacheAt();
    await expect(cache.load('k', 'k', throttled(seconds))).rejects.toThrow(AppError);
    let loads = 0;
    const load = async () => {
      loads += 1;
      return issue('t', 3600);
    };
    clock.seconds += before;
    const left = String(after - 1 - before);
    await expect(cache.load('k', 'k', load)).rejects.toMatchObject({ headers: { 'retry-after': left } });
    await expect(cache.load('k', 'another demand', load)).rejects.toThrow(AppError);
    expect(loads).toBe(0);
    clock.seconds += after - before;
    expect((await cache.load('k', 'k', load)).credential).toEqual(bearer('t'));
  });
});
