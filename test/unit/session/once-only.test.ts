import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { onceOnly } from '../../../src/session/once-only.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the first use is told from later ones, for a while', () => {
  test('and then forgotten', () => {
    const first = onceOnly();
    expect(first('a', 1_000)).toBe(true);
    vi.advanceTimersByTime(999);
    expect(first('a', 1_000)).toBe(false);
    expect(first('b', 1_000)).toBe(true);
    vi.advanceTimersByTime(2);
    expect(first('a', 1_000)).toBe(true);
    expect(first('b', 1_000)).toBe(false);
  });
});
