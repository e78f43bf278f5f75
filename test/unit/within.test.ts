import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { within } from '../../src/within.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('work that is done in time is what it is, and no clock goes on', async () => {
  expect(await within(1_000, async () => 'done')).toBe('done');
  await expect(within(1_000, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that is not is told so, by an error that says the limit', async () => {
  const seen: unknown[] = [];
  const work = within(
    1_000,
    (limit) =>
      new Promise((_, fail) => {
        limit.addEventListener('abort', () => {
          seen.push((limit.reason as Error).name);
          fail(limit.reason);
        });
      }),
  );
  const outcome = expect(work).rejects.toThrow('not done within 1000 ms');
  await vi.advanceTimersByTimeAsync(1_000);
  await outcome;
  expect(seen).toEqual(['TimeoutError']);
});
