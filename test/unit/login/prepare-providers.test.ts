import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { IdentityProvider } from '../../../src/config/identity-provider.ts';
import { outOfReach } from '../../../src/login/login-failed.ts';
import { createPreparation } from '../../../src/login/prepare-providers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const providerOf = (name: string) =>
  ({ kind: 'oidc', name, issuer: new URL(`https://${name}.example/v2.0`) }) as IdentityProvider;
const preparing = (...answers: (() => Promise<void>)[]) => {
  const warnings: string[] = [];
  const parties = new Map(
    answers.map((prepare, i) => [`p${i}`, { provider: providerOf(`p${i}`), party: { prepare } }]),
  );
  return { warnings, preparation: createPreparation(parties, (message) => warnings.push(message)) };
};
const never = () => new Promise<void>(() => {});

describe('providers are asked ahead of the first login', () => {
  test('nothing begun, nothing to wait for', () => {
    expect(preparing(never).preparation.isDone()).toBe(true);
  });

  test('a moment later, so that requests which have waited go first; until then the instance is not ready', async () => {
    let asked = false;
    const { preparation } = preparing(async () => {
      asked = true;
    });
    preparation.begin();
    await vi.advanceTimersByTimeAsync(10);
    expect([asked, preparation.isDone()]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(20);
    expect([asked, preparation.isDone()]).toEqual([true, true]);
  });

  test('until all of them have answered', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { preparation } = preparing(
      async () => {},
      () => promise,
    );
    preparation.begin();
    await vi.advanceTimersByTimeAsync(30);
    expect(preparation.isDone()).toBe(false);
    resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(preparation.isDone()).toBe(true);
  });

  test('one that is down is told with its address, why and what to do, and holds up nobody', async () => {
    const nobodyThere = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) });
    const { preparation, warnings } = preparing(() => Promise.reject(outOfReach(nobodyThere)));
    preparation.begin();
    await vi.advanceTimersByTimeAsync(30);
    expect(preparation.isDone()).toBe(true);
    expect(warnings).toEqual([
      "p0 at https://p0.example/v2.0: The identity provider cannot be reached: its host name cannot be resolved. Check the provider's host (OIDC_ISSUER, or the binding), and DNS. Logins ask it again.",
    ]);
  });

  test('one that does not answer holds up a probe for half a second, and the instance for five', async () => {
    const { preparation } = preparing(never);
    preparation.begin();
    let waited = false;
    void preparation.soon().then(() => {
      waited = true;
    });
    await vi.advanceTimersByTimeAsync(499);
    expect(waited).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([waited, preparation.isDone()]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(4_500);
    expect(preparation.isDone()).toBe(true);
  });
});
