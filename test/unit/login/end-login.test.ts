import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEndLogin, type EndReason } from '../../../src/login/end-login.ts';
import type { RelyingParty } from '../../../src/login/relying-party.ts';
import { userOf } from '../../../src/login/user-of.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What is done for a session that has ended, in order. */
async function done(
  reason: EndReason,
  revoke: NonNullable<RelyingParty['revoke']> = async () => {},
): Promise<string[]> {
  const steps: string[] = [];
  const step = (name: string) => void steps.push(name);
  const party = {
    revoke(token: string) {
      step(`revoke ${token}`);
      return revoke(token);
    },
  };
  const endLogin = createEndLogin({
    partyOf: () => party as unknown as RelyingParty,
    logOutBackends: async () => step('backends'),
    forget: () => step('forget'),
    tell: (_ended, why) => step(`tell ${why}`),
    warn: () => step('warn'),
  });
  const user = userOf('oidc', 'token', { sub: 'ada' }, []);
  const login = { user, sid: 's', idToken: undefined, refreshToken: 'r', obtainedAt: 0, expiresAt: 0 };
  const ending = endLogin({ id: 'one', data: { createdAt: 0, login } }, reason, undefined);
  await vi.advanceTimersByTimeAsync(2_000);
  await ending;
  return steps;
}

describe('a login that has ended', () => {
  test('by a logout: the backends first, then the refresh token is given back (RFC 7009)', async () => {
    expect(await done('logout')).toEqual(['tell logout', 'backends', 'forget', 'revoke r']);
  });

  test('by its time: nothing is given back', async () => {
    expect(await done('timeout')).toEqual(['tell timeout', 'backends', 'forget']);
  });

  test('is over though the provider refuses, and the log says so; one that hangs is not waited for', async () => {
    const refusing = async () => Promise.reject(new Error('invalid_client'));
    expect(await done('logout', refusing)).toEqual(['tell logout', 'backends', 'forget', 'revoke r', 'warn']);
    expect(await done('logout', () => new Promise(() => {}))).toHaveLength(4);
  });

  test('with a thousand others by their time: their backends are told by and by, and who logs out does not wait (T-28)', async () => {
    let told = 0;
    const endLogin = createEndLogin({
      partyOf: () => undefined,
      logOutBackends: () => new Promise(() => void told++),
      forget: () => {},
      tell: () => {},
      warn: () => {},
    });
    const ended = (n: number) => ({ id: `${n}`, data: { createdAt: 0 } });
    for (let n = 0; n < 1_000; n++) void endLogin(ended(n), 'timeout', undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toBeLessThanOrEqual(100);
    const before = told;
    void endLogin(ended(1_000), 'logout', undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toBe(before + 1);
  });
});
