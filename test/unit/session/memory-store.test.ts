import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import session from 'express-session';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { userOf } from '../../../src/login/user-of.ts';
import { MemoryStore } from '../../../src/session/memory-store.ts';
import type { Login, SessionData } from '../../../src/session/session-data.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const idleTime = 15 * 60_000;
let store: MemoryStore;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  store = new MemoryStore(idleTime);
});
afterEach(() => {
  store.close();
  vi.useRealTimers();
});

const data = (csrfToken = 'token'): SessionData => ({ createdAt: Date.now(), csrfToken });
const put = (id: string, house = data()) =>
  store.set(id, { cookie: new session.Cookie(), house } as session.SessionData);

describe('a session lives as long as it is used (xs-app.md 6.4)', () => {
  test('and not a moment longer than the idle time', () => {
    put('a');
    vi.advanceTimersByTime(idleTime);
    expect(store.read('a')).toBeDefined();
    vi.advanceTimersByTime(idleTime + 1);
    expect(store.read('a')).toBeUndefined();
  });

  test('every read starts the time anew', () => {
    put('a');
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(idleTime - 1);
      expect(store.read('a')).toBeDefined();
    }
  });

  test.each([
    ['write', () => store.write('a', { csrfToken: 'x' })],
    ['change', () => store.change('a', () => ({ csrfToken: 'x' }))],
    ['touch', () => store.touch('a', {} as session.SessionData)],
    ['get', () => store.get('a', () => {})],
  ])('so does %s', (_, use) => {
    put('a');
    vi.advanceTimersByTime(idleTime - 1);
    use();
    vi.advanceTimersByTime(idleTime - 1);
    expect(store.read('a')).toBeDefined();
  });

  test('reading one does not keep another alive', () => {
    put('a');
    put('b');
    vi.advanceTimersByTime(idleTime - 1);
    store.read('a');
    vi.advanceTimersByTime(2);
    expect(store.read('a')).toBeDefined();
    expect(store.read('b')).toBeUndefined();
  });

  test.each([
    ['long after the end, nothing of it is kept in memory, though nobody asked again (T-28)', idleTime * 2, false],
    ['before the end, it is', idleTime / 2, true],
  ])('%s', async (_, time, kept) => {
    const held = ((house) => {
      put('a', house);
      return new WeakRef(house);
    })(data());
    vi.advanceTimersByTime(time);
    vi.useRealTimers();
    await new Promise((turn) => setImmediate(turn));
    collectGarbage();
    expect(held.deref() !== undefined).toBe(kept);
  });

  test('the sweep takes only what is idle', () => {
    put('a');
    for (let minute = 0; minute < 60; minute++) {
      vi.advanceTimersByTime(60_000);
      expect(store.read('a')).toBeDefined();
    }
  });

  test('an expired session cannot be brought back by writing to it', () => {
    put('a');
    vi.advanceTimersByTime(idleTime + 1);
    store.write('a', { csrfToken: 'other' });
    expect(store.read('a')).toBeUndefined();
  });
});

describe('a session is what was stored, and only under its own id', () => {
  test('unknown ids are nothing, whatever they are called (T-25)', () => {
    for (const id of ['', 'x', '__proto__', 'constructor', 'toString']) expect(store.read(id)).toBeUndefined();
  });

  test('writing to a session that is gone makes none (no renewal for a destroyed session, 6.5)', () => {
    store.write('a', { csrfToken: 'x' });
    expect(store.read('a')).toBeUndefined();
    put('a');
    store.remove('a');
    store.write('a', { csrfToken: 'x' });
    expect(store.read('a')).toBeUndefined();
  });

  test('what was written is read', () => {
    put('a', data('one'));
    store.write('a', { csrfToken: 'two' });
    expect(store.read('a')).toMatchObject({ csrfToken: 'two' });
  });

  test('destroy ends it at once', () => {
    put('a');
    const done = vi.fn();
    store.destroy('a', done);
    expect(done).toHaveBeenCalledWith();
    expect(store.read('a')).toBeUndefined();
  });

  test('express-session gets null for what is not there, never an error', () => {
    const got = vi.fn();
    store.get('x', got);
    expect(got).toHaveBeenCalledWith(null, null);
  });
});

test('claims that a token says are not held beside it, neither of a new login nor of a renewed one', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'ada', groups: ['Pilots'] };
  const token = `${part({ alg: 'ES256' })}.${part(claims)}.signature`;
  const login = { user: userOf('oidc', token, claims, []) } as unknown as Login;
  put('new', { ...data(), login });
  put('renewed');
  store.write('renewed', { login });
  for (const id of ['new', 'renewed']) {
    const user = store.read(id)?.login?.user;
    expect(Object.keys(user ?? {})).not.toContain('claims');
    expect(user?.claims).toEqual(claims);
  }
});

describe('sessions without a login are bounded by number (T-28)', () => {
  const login = { user: userOf('oidc', 'token', { sub: 'ada' }, []) } as unknown as Login;

  test('the oldest makes room for the newest; nobody who is logged in does', () => {
    put('early');
    put('logged-in', { ...data(), login });
    put('logs-in-later');
    store.write('logs-in-later', { login });
    put('next');
    for (let n = 0; n < 19_998; n++) put(`flood-${n}`);
    expect(store.read('early')).toBeDefined();
    put('one more');
    expect(store.read('early')).toBeUndefined();
    expect(store.read('next')).toBeDefined();
    for (let n = 0; n < 30_000; n++) put(`flood-again-${n}`);
    expect(store.read('next')).toBeUndefined();
    expect(store.read('flood-again-29999')).toBeDefined();
    expect(store.read('logged-in')).toBeDefined();
    expect(store.read('logs-in-later')).toBeDefined();
  });

  test('ended ones make room, too', () => {
    put('first');
    for (let n = 0; n < 30_000; n++) {
      put('passing');
      store.remove('passing');
    }
    expect(store.read('first')).toBeDefined();
  });
});

describe('a session has an end, however much it is used', () => {
  const longestLife = 24 * 60 * 60_000;

  test('counted from when it was made', () => {
    const bounded = new MemoryStore(idleTime, longestLife);
    bounded.set('a', { cookie: new session.Cookie(), house: data() } as session.SessionData);
    for (let time = 0; time < longestLife; time += 10 * 60_000) {
      expect(bounded.read('a')).toBeDefined();
      vi.advanceTimersByTime(10 * 60_000);
    }
    vi.advanceTimersByTime(1);
    expect(bounded.read('a')).toBeUndefined();
    bounded.close();
  });
});

describe('whoever must be told of an end is told, once (xs-app.md 6.7, time-out)', () => {
  test('when it is found idle, and when it is swept away', () => {
    const ended: (string | undefined)[] = [];
    const telling = new MemoryStore(idleTime, undefined, { expired: ({ data }) => void ended.push(data.csrfToken) });
    const keep = (id: string) =>
      telling.set(id, { cookie: new session.Cookie(), house: data(id) } as session.SessionData);
    keep('asked');
    keep('forgotten');
    keep('removed');
    telling.remove('removed');
    vi.advanceTimersByTime(idleTime + 1);
    telling.read('asked');
    vi.advanceTimersByTime(idleTime);
    expect(ended.sort()).toEqual(['asked', 'forgotten']);
    telling.close();
  });
});

describe('changes are laid over a session part by part', () => {
  const kept = (value: string) => [{ name: 'sid', value, path: '/', secure: false }];

  test('two requests that change different parts do not undo each other', () => {
    put('a');
    store.write('a', { cookies: { one: kept('1') } });
    store.write('a', { csrfToken: 'new' });
    store.write('a', { cookies: { two: kept('2') } });
    expect(store.read('a')).toMatchObject({ csrfToken: 'new', cookies: { one: kept('1'), two: kept('2') } });
  });

  test('of one destination the later cookies count', () => {
    put('a');
    store.write('a', { cookies: { one: kept('1') } });
    store.write('a', { cookies: { one: kept('2') } });
    expect(store.read('a')?.cookies).toEqual({ one: kept('2') });
  });
});

describe('sessions that a provider means (OpenID Connect Back-Channel Logout 2.4)', () => {
  const loggedIn = (provider: string, sub: string | undefined, sid?: string): SessionData => {
    const user = userOf(provider, 'token', sub === undefined ? {} : { sub }, []);
    const login: Login = { user, sid, idToken: undefined, refreshToken: undefined, obtainedAt: 0, expiresAt: 0 };
    return { ...data(), login };
  };

  test.each<[string, { sid?: string; subject?: string }, string[]]>([
    ['one by its sid', { sid: 's1', subject: 'ada' }, ['ada1']],
    ['one by its sid alone', { sid: 's2' }, ['ada2']],
    ['none, where the sid is of another user', { sid: 's1', subject: 'bea' }, []],
    ['all of a user', { subject: 'ada' }, ['ada1', 'ada2']],
    ['nobody', {}, []],
  ])('%s', (_, { sid, subject }, gone) => {
    put('ada1', loggedIn('one', 'ada', 's1'));
    put('ada2', loggedIn('one', 'ada', 's2'));
    put('elsewhere', loggedIn('two', 'ada', 's1'));
    put('nameless', loggedIn('one', undefined));
    put('visitor');
    const removed = store.removeByLogin({ provider: 'one', sid, subject });
    expect(removed).toHaveLength(gone.length);
    const left = ['ada1', 'ada2', 'elsewhere', 'nameless', 'visitor'].filter((id) => store.read(id));
    expect(['ada1', 'ada2', 'elsewhere', 'nameless', 'visitor'].filter((id) => !left.includes(id))).toEqual(gone);
  });

  const endAll = (subject: string) =>
    store.removeByLogin({ provider: 'one', sid: undefined, subject }).map(({ id }) => id);

  test('a session is found by the login it has, not by one it had', () => {
    put('a', loggedIn('one', 'ada'));
    store.write('a', { login: loggedIn('one', 'bea').login as Login });
    expect([endAll('ada'), endAll('bea')]).toEqual([[], ['a']]);
  });

  test('a login that comes to a session that was there is found; one that ended is not', () => {
    put('a');
    store.write('a', { login: loggedIn('one', 'ada').login as Login });
    put('b', loggedIn('one', 'ada'));
    store.remove('b');
    expect([endAll('ada'), endAll('ada')]).toEqual([['a'], []]);
  });

  test('without looking into the tokens of everybody else (T-28)', () => {
    let looks = 0;
    for (let n = 0; n < 100; n++) {
      const house = loggedIn('one', `user ${n}`);
      put(`${n}`, house);
      const user = { ...house.login?.user } as Login['user'];
      const watched = Object.defineProperty(user, 'claims', { get: () => ({ sub: `user ${n}`, looks: looks++ }) });
      Object.assign(house.login as Login, { user: watched });
    }
    looks = 0;
    expect(endAll('user 7')).toEqual(['7']);
    expect(looks).toBeLessThan(10);
  });

  test('nor into those of a user who has many sessions', () => {
    let looks = 0;
    for (let n = 0; n < 100; n++) {
      const house = loggedIn('one', 'ada');
      const user = { ...house.login?.user } as Login['user'];
      const watched = Object.defineProperty(user, 'claims', { get: () => ({ sub: 'ada', looks: looks++ }) });
      put(`${n}`, { ...house, login: { ...(house.login as Login), user: watched } });
    }
    looks = 0;
    expect(endAll('ada')).toHaveLength(100);
    expect(looks).toBe(0);
  });

  test('looking for ends leaves others their turn, though nothing has ended', async () => {
    let looks = 0;
    const many = new MemoryStore(60_000);
    for (let n = 0; n < 10_000; n++) {
      const watched = Object.defineProperty({}, 'createdAt', { get: () => ++looks && 1_000_000 }) as SessionData;
      many.set(`${n}`, { cookie: new session.Cookie(), house: watched } as session.SessionData);
    }
    looks = 0;
    vi.advanceTimersByTime(15_000);
    const atOnce = looks;
    await vi.advanceTimersByTimeAsync(100);
    expect(looks).toBeGreaterThanOrEqual(10_000);
    expect(atOnce).toBeLessThan(looks / 2);
    many.close();
  });

  test('sessions that end at once leave others their turn', async () => {
    const ended: string[] = [];
    const short = new MemoryStore(1, undefined, { ended: (id) => ended.push(id) });
    for (let n = 0; n < 1_000; n++)
      short.set(`${n}`, { cookie: new session.Cookie(), house: data() } as session.SessionData);
    vi.advanceTimersByTime(1_000);
    expect(ended).toHaveLength(100);
    await vi.advanceTimersByTimeAsync(100);
    expect(ended).toHaveLength(1_000);
    short.close();
  });
});

test('a closed store runs no timer', () => {
  store.close();
  expect(vi.getTimerCount()).toBe(0);
});
