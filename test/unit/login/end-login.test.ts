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

  /** Backends that answer when they are let, and what they were told. */
  function slowBackends() {
    const [letGo, warnings]: [(() => void)[], string[]] = [[], []];
    let ended = 0;
    const endLogin = createEndLogin({
      partyOf: () => undefined,
      logOutBackends: () => new Promise((go) => void letGo.push(go)),
      forget: () => {},
      tell: () => {},
      warn: (message) => void warnings.push(message),
    });
    const end = (reason: EndReason) => void endLogin({ id: `${ended++}`, data: { createdAt: 0 } }, reason, undefined);
    return { letGo, warnings, end };
  }

  test('with a thousand others by their time: backends are told by and by, and who logs out does not wait (T-28)', async () => {
    const { letGo, warnings, end } = slowBackends();
    for (let n = 0; n < 1_000; n++) end('timeout');
    await vi.advanceTimersByTimeAsync(0);
    expect(letGo.length).toBeLessThanOrEqual(100);
    const before = letGo.length;
    end('logout');
    await vi.advanceTimersByTimeAsync(0);
    expect(letGo).toHaveLength(before + 1);
    for (let n = 0; n < letGo.length; n++) {
      letGo[n]?.();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(letGo).toHaveLength(1_001);
    expect(warnings).toEqual([]);
  });

  test('while backends hang: as many as end wait for them, up to a bound, and the log says so once (T-28)', async () => {
    const { letGo, warnings, end } = slowBackends();
    for (let n = 0; n < 20_000; n++) end('timeout');
    await vi.advanceTimersByTimeAsync(0);
    expect(warnings).toHaveLength(1);
    for (let n = 0; n < letGo.length; n++) {
      letGo[n]?.();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(letGo.length).toBeGreaterThan(1_000);
    expect(letGo.length).toBeLessThan(10_000);
  });
});
