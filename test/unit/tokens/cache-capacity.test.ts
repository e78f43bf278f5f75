import { expect, test } from 'vitest';
import { cacheCapacity } from '../../../src/tokens/cache-capacity.ts';

test.each([
  ['of a small container', 256, 14_913],
  ['of a tiny one, not fewer than', 32, 5_000],
  ['of a large machine, not more than', 64_000, 100_000],
])('credentials %s (%d MB of heap): %d', (_, megabytes, kept) => {
  expect(cacheCapacity(megabytes * 1024 * 1024)).toBe(kept);
});
