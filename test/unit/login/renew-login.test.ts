import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import type { RelyingParty, Tokens } from '../../../src/login/relying-party.ts';
import { createRenewLogin } from '../../../src/login/renew-login.ts';
import { userOf } from '../../../src/login/user-of.ts';
import { applyPatch, type Login, type SessionData, type SessionPatch } from '../../../src/session/session-data.ts';
import type { FoundSession } from '../../../src/session/sessions.ts';

const minute = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: 10_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function loginOf(told: Partial<Login> & { lifetime?: number; token?: string } = {}): Login {
  const { lifetime = 60 * minute, token = 'first', ...rest } = told;
  return {
    user: userOf('oidc', token, { sub: 'ada' }, []),
    sid: 'sid-1',
    idToken: 'id-1',
    refreshToken: 'refresh-1',
    obtainedAt: Date.now(),
    expiresAt: Date.now() + lifetime,
    ...rest,
  };
}

function sessionOf(login: Login | undefined, id = 'session-1'): FoundSession {
  return { id, data: { createdAt: 0, csrfToken: 'csrf', ...(login && { login }) } };
}

function tokensNamed(token: string, told: Partial<Tokens> & { lifetime?: number } = {}): Tokens {
  const { lifetime = 60 * minute, ...rest } = told;
  return {
    user: userOf('oidc', token, { sub: 'ada' }, []),
    idToken: 'id-2',
    refreshToken: 'refresh-2',
    sid: undefined,
    expiresAt: Date.now() + lifetime,
    ...rest,
  };
}

/** Instances that share sessions: what one renews, the others see; for each session one of them works at a time. */
interface Shared {
  readonly sessions: Map<string, SessionData>;
  readonly working: Set<string>;
}

interface Instance {
  readonly refresh: ReturnType<typeof vi.fn<RelyingParty['refresh']>>;
  /** Hashes of tokens that were replaced. */
  readonly replaced: readonly string[];
  readonly update: ReturnType<typeof vi.fn<(found: FoundSession, patch: SessionPatch) => Promise<boolean>>>;
  renew(found: FoundSession | undefined): Promise<FoundSession | undefined>;
}

const share = (): Shared => ({ sessions: new Map(), working: new Set() });

/** A renewal, told how the provider answers; by default with a new token that lives for an hour. */
function renewing(
  answer: RelyingParty['refresh'] = async () => tokensNamed('second'),
  minutesBefore = 5,
  { sessions, working }: Shared = share(),
): Instance {
  const refresh = vi.fn(answer);
  const partyOf = (name: string) => (name === 'oidc' ? ({ refresh } as unknown as RelyingParty) : undefined);
  const replaced: string[] = [];
  const onReplaced = (tokenHash: string) => void replaced.push(tokenHash);
  const update = vi.fn(async ({ id, data }: FoundSession, patch: SessionPatch) => {
    applyPatch(data, patch);
    const stored = sessions.get(id);
    if (stored !== undefined && stored !== data) applyPatch(stored, patch);
    return stored !== undefined;
  });
  const reread = async (id: string) => sessions.get(id);
  const exclusively = async (id: string, work: () => Promise<void>) => {
    if (working.has(id)) return false;
    working.add(id);
    await work().finally(() => working.delete(id));
    return true;
  };
  const renewLogin = createRenewLogin({
    sessions: { update, reread, exclusively },
    partyOf,
    onReplaced,
    minutesBefore,
  });
  return {
    refresh,
    replaced,
    update,
    async renew(found) {
      if (found !== undefined && !sessions.has(found.id)) sessions.set(found.id, found.data);
      return renewLogin(found);
    },
  };
}

const tokenOf = (found: FoundSession | undefined) => found?.data.login?.user.token;

describe('the token is renewed before it ends (xs-app.md 6.5)', () => {
  test.each([
    ['fresh: not asked', 0, 0],
    ['six minutes before the end: not asked', 54, 0],
    ['five minutes before the end: asked', 55, 1],
    ['one minute before the end: asked', 59, 1],
    ['after the end: asked', 61, 1],
  ])('%s', async (_, minutes, times) => {
    const { renew, refresh } = renewing();
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(minutes * minute);
    const renewed = await renew(found);
    expect(refresh).toHaveBeenCalledTimes(times);
    expect(tokenOf(renewed)).toBe(times === 0 ? 'first' : 'second');
  });

  test('with the refresh token of the session, and saved under the same session', async () => {
    const { renew, refresh, update } = renewing();
    const found = sessionOf(loginOf({ lifetime: minute, obtainedAt: Date.now() - 60 * minute }));
    const renewed = await renew(found);
    expect(refresh).toHaveBeenCalledWith({ refreshToken: 'refresh-1', idToken: 'id-1' });
    expect(update).toHaveBeenCalledTimes(1);
    expect(update.mock.calls[0]?.[0].id).toBe('session-1');
    expect(Object.keys(update.mock.calls[0]?.[1] ?? {})).toEqual(['login']);
    expect(renewed).toMatchObject({ id: 'session-1', data: { csrfToken: 'csrf' } });
  });

  test('a rotated refresh token takes the place of the old one, the session of the provider stays', async () => {
    const { renew, refresh } = renewing();
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    expect((await renew(found))?.data.login).toMatchObject({
      refreshToken: 'refresh-2',
      sid: 'sid-1',
      idToken: 'id-2',
    });
    vi.advanceTimersByTime(56 * minute);
    await renew(found);
    expect(refresh.mock.calls.map(([earlier]) => earlier.refreshToken)).toEqual(['refresh-1', 'refresh-2']);
  });

  test('what was obtained with the old token is of no use any more, and told so', async () => {
    const { renew, replaced } = renewing();
    const login = loginOf();
    vi.advanceTimersByTime(56 * minute);
    await renew(sessionOf(login));
    expect(replaced).toEqual([login.user.tokenHash]);
  });

  test('nobody there, or nobody logged in: nothing to renew', async () => {
    const { renew, refresh } = renewing();
    expect(await renew(undefined)).toBeUndefined();
    const visitor = sessionOf(undefined);
    expect(await renew(visitor)).toBe(visitor);
    expect(refresh).not.toHaveBeenCalled();
  });

  test('a session that needs nothing is handed back without a tick', () => {
    const found = sessionOf(loginOf());
    const renew = createRenewLogin({
      sessions: { update: async () => true, reread: async () => undefined, exclusively: async () => true },
      partyOf: () => undefined,
      onReplaced: () => {},
      minutesBefore: 5,
    });
    expect(renew(found)).toBe(found);
  });
});

describe('two hundred requests at once are one renewal (T-37)', () => {
  test('all of them get the new token', async () => {
    const { renew, refresh, update } = renewing(async () => {
      await new Promise((later) => setTimeout(later, 50));
      return tokensNamed('second');
    });
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    const waiting = Array.from({ length: 200 }, () => renew(found));
    await vi.advanceTimersByTimeAsync(50);
    const all = await Promise.all(waiting);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(update).toHaveBeenCalledTimes(1);
    expect(new Set(all.map(tokenOf))).toEqual(new Set(['second']));
  });

  test('when it fails while the token lives, none of them is logged out', async () => {
    const { renew, refresh } = renewing(async () => {
      throw new Error('invalid_grant');
    });
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    const all = await Promise.all(Array.from({ length: 200 }, () => renew(found)));
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(new Set(all.map(tokenOf))).toEqual(new Set(['first']));
  });

  test('different sessions are renewed each by itself', async () => {
    const { renew, refresh } = renewing();
    const sessions = Array.from({ length: 10 }, (_, i) => sessionOf(loginOf(), `session-${i}`));
    vi.advanceTimersByTime(56 * minute);
    await Promise.all(sessions.map(renew));
    expect(refresh).toHaveBeenCalledTimes(10);
  });
});

describe('three instances share a session: one of them renews (T-37)', () => {
  const slowly = async () => {
    await new Promise((later) => setTimeout(later, 200));
    return tokensNamed('second');
  };

  test('the others wait for it, and ask nobody', async () => {
    const shared = share();
    const instances = [renewing(slowly, 5, shared), renewing(slowly, 5, shared), renewing(slowly, 5, shared)];
    const found = sessionOf(loginOf());
    shared.sessions.set(found.id, { ...found.data });
    vi.advanceTimersByTime(56 * minute);
    const waiting = instances.flatMap(({ renew }) => Array.from({ length: 70 }, () => renew({ ...found })));
    await vi.advanceTimersByTimeAsync(1_000);
    const all = await Promise.all(waiting);
    expect(instances.reduce((sum, { refresh }) => sum + refresh.mock.calls.length, 0)).toBe(1);
    expect(new Set(all.map(tokenOf))).toEqual(new Set(['second']));
  });

  test('one that is never done does not hold up the others for ever', async () => {
    const shared = share();
    shared.working.add('session-1');
    const { renew, refresh } = renewing(undefined, undefined, shared);
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    const waiting = renew(found);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(tokenOf(await waiting)).toBe('first');
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('a token that lives shorter than the margin', () => {
  test('is renewed at half its life, not at every request', async () => {
    const { renew, refresh } = renewing(async () => tokensNamed('second', { lifetime: 2 * minute }));
    const found = sessionOf(loginOf({ lifetime: 2 * minute }));
    for (let second = 0; second < 59; second++) {
      vi.advanceTimersByTime(1_000);
      await renew(found);
    }
    expect(refresh).toHaveBeenCalledTimes(0);
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(1_000);
      await renew(found);
    }
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test('a renewed one too: an hour of requests each second asks sixty times, not 3,600', async () => {
    const { renew, refresh } = renewing(async () => tokensNamed('next', { lifetime: 2 * minute }));
    const found = sessionOf(loginOf({ lifetime: 2 * minute }));
    for (let second = 0; second < 3_600; second++) {
      vi.advanceTimersByTime(1_000);
      await renew(found);
    }
    expect(refresh).toHaveBeenCalledTimes(60);
  });
});

describe('a renewal that fails', () => {
  const failing = () =>
    renewing(async () => {
      throw new Error('invalid_grant');
    });

  test('keeps the session while the token lives, then the user is anonymous', async () => {
    const { renew } = failing();
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(59 * minute);
    expect(tokenOf(await renew(found))).toBe('first');
    vi.advanceTimersByTime(2 * minute);
    const after = await renew(found);
    expect(after?.data.login).toBeUndefined();
    expect(after).toMatchObject({ id: 'session-1', data: { csrfToken: 'csrf' } });
  });

  test('is tried again after a pause, not at every request', async () => {
    const { renew, refresh } = failing();
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    for (let i = 0; i < 50; i++) await renew(found);
    expect(refresh).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(10_000);
    for (let i = 0; i < 50; i++) await renew(found);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  test('after the token’s end too the provider is not asked at every request', async () => {
    const { renew, refresh } = failing();
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(61 * minute);
    for (let i = 0; i < 50; i++) await renew(found);
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(2);
  });

  test('and then works mends the session', async () => {
    let down = true;
    const { renew } = renewing(async () => {
      if (down) throw new Error('ECONNREFUSED');
      return tokensNamed('second');
    });
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    expect(tokenOf(await renew(found))).toBe('first');
    down = false;
    vi.advanceTimersByTime(10_000);
    expect(tokenOf(await renew(found))).toBe('second');
  });

  test('a store that fails does not lose the user either', async () => {
    const { renew, update } = renewing();
    update.mockRejectedValue(new Error('connection refused'));
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    const waiting = renew(found);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(tokenOf(await waiting)).toBe('first');
  });

  test.each([
    ['before it was asked for', 61],
    ['while it is waited for', 59.95],
  ])(
    'while the store is away, for a token that ends %s: 503, for nobody knows whether there is a login',
    async (_, at) => {
      const { renew, update } = renewing();
      update.mockRejectedValue(new AppError({ code: 'ERR_SESSION_STORE', status: 503 }));
      const found = sessionOf(loginOf());
      vi.advanceTimersByTime(at * minute);
      const failure = Promise.resolve(renew(found)).catch((cause: AppError) => cause.status);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await failure).toBe(503);
    },
  );

  test('that is slow, with a token that ends meanwhile, is waited for: nobody is logged out while it is under way', async () => {
    const { renew } = renewing(async () => {
      await new Promise((answered) => setTimeout(answered, 8_000));
      return tokensNamed('second');
    });
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(60 * minute - 3_000);
    const waiting = renew(found);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(tokenOf(await waiting)).toBe('second');
  });

  test('that is refused for good is not repeated: a stolen token would look so', async () => {
    const { renew, refresh } = renewing(async () => {
      throw new AppError({ code: 'ERR_LOGIN_FAILED', status: 401, members: { error: 'invalid_grant' } });
    });
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    expect(tokenOf(await renew(found))).toBe('first');
    vi.advanceTimersByTime(minute);
    expect(tokenOf(await renew(found))).toBe('first');
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test('because its holder died is done by another instance, once the lease has lapsed', async () => {
    const shared = share();
    shared.working.add('session-1');
    const { renew, refresh } = renewing(undefined, undefined, shared);
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(61 * minute);
    const waiting = renew(found);
    await vi.advanceTimersByTimeAsync(5_000);
    shared.working.clear();
    await vi.advanceTimersByTimeAsync(100);
    expect(tokenOf(await waiting)).toBe('second');
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test('a store that blinks does not lose the refresh token that the provider has just rotated', async () => {
    const { renew, refresh, update } = renewing();
    for (let i = 0; i < 5; i++) update.mockRejectedValueOnce(new Error('connection refused'));
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    const waiting = renew(found);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await waiting)?.data.login?.refreshToken).toBe('refresh-2');
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});

describe('no renewal', () => {
  test('JWT_REFRESH=0 switches it off: the token lives to its end', async () => {
    const { renew, refresh } = renewing(undefined, 0);
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(59 * minute);
    expect(tokenOf(await renew(found))).toBe('first');
    vi.advanceTimersByTime(2 * minute);
    expect(tokenOf(await renew(found))).toBeUndefined();
    expect(refresh).not.toHaveBeenCalled();
  });

  test('a provider that gave no refresh token is not asked', async () => {
    const { renew, refresh } = renewing();
    const found = sessionOf(loginOf({ refreshToken: undefined }));
    vi.advanceTimersByTime(59 * minute);
    expect(tokenOf(await renew(found))).toBe('first');
    vi.advanceTimersByTime(2 * minute);
    expect(tokenOf(await renew(found))).toBeUndefined();
    expect(refresh).not.toHaveBeenCalled();
  });

  test('a login of a provider that is no longer configured ends with its token', async () => {
    const { renew } = renewing();
    const found = sessionOf(loginOf({ user: userOf('gone', 'first', {}, []) }));
    vi.advanceTimersByTime(59 * minute);
    expect(tokenOf(await renew(found))).toBe('first');
    vi.advanceTimersByTime(2 * minute);
    expect(tokenOf(await renew(found))).toBeUndefined();
  });

  test.each<[string, (data: SessionData) => void, string | undefined]>([
    ['logged out', (data) => delete data.login, undefined],
    [
      'logged in again',
      (data) => Object.assign(data, { login: loginOf({ token: 'of-the-new-login' }) }),
      'of-the-new-login',
    ],
  ])('what changed before our turn came is not overwritten: %s', async (_, change, token) => {
    const shared = share();
    const { renew, refresh, update } = renewing(undefined, undefined, shared);
    const found = sessionOf(loginOf());
    shared.sessions.set(found.id, { ...found.data });
    vi.advanceTimersByTime(56 * minute);
    change(shared.sessions.get(found.id) as SessionData);
    expect(tokenOf(await renew(found))).toBe(token);
    expect(refresh).not.toHaveBeenCalled();
    expect(update).not.toHaveBeenCalled();
  });

  test('a session that ended meanwhile is not brought back', async () => {
    const shared = share();
    const { renew } = renewing(
      async () => {
        shared.sessions.delete('session-1');
        return tokensNamed('second');
      },
      5,
      shared,
    );
    vi.advanceTimersByTime(0);
    await renew(sessionOf(loginOf({ lifetime: minute, obtainedAt: Date.now() - 60 * minute })));
    expect(shared.sessions.has('session-1')).toBe(false);
  });

  test('a renewal that brings another user is none (OpenID Connect Core 12.2)', async () => {
    const { renew } = renewing(async () =>
      tokensNamed('of-somebody-else', { user: userOf('oidc', 'of-somebody-else', { sub: 'eve' }, []) }),
    );
    const found = sessionOf(loginOf());
    vi.advanceTimersByTime(56 * minute);
    expect(tokenOf(await renew(found))).not.toBe('of-somebody-else');
  });
});
