import { getHeapStatistics } from 'node:v8';

/** Bytes of a kept credential: Entra ID's tokens are of 1.5 to 3 KB. */
const each = 3_000;
const least = 5_000;
const most = 100_000;

/**
 * How many credentials are kept: as many as a sixth of the heap holds. Users whose credentials have no room cost a token
 * request each time they ask; but a caller that brings a new token each time must not take all the memory (T-28).
 * @param heapLimit bytes that V8's heap may become
 */
export function cacheCapacity(heapLimit = getHeapStatistics().heap_size_limit): number {
  return Math.max(least, Math.min(most, Math.floor(heapLimit / 6 / each)));
}
