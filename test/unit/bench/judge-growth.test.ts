import { describe, expect, test } from 'vitest';
import { judgeGrowth } from '../../../bench/soak/judge-growth.ts';

/** The same numbers each time, evenly from −1 to 1 (a linear congruential generator). */
function noise(seed = 7): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 31 - 1;
  };
}

/** One look every five seconds. */
const series = (count: number, valueAt: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({ at: index * 5, value: valueAt(index) }));
const tolerance = 2;
const verdictOf = (count: number, valueAt: (index: number) => number) =>
  judgeGrowth(series(count, valueAt), tolerance).verdict;

describe('what grows', () => {
  const shake = noise();
  test.each<[what: string, valueAt: (index: number) => number]>([
    ['a steady leak', (index) => 40 + index * 0.2],
    ['one below noise of ten times its step', (index) => 40 + index * 0.2 + shake() * 2],
    ['one that comes in steps, as arrays that double do', (index) => 40 + 4 * Math.floor(index / 8)],
    ['one beside a cache that fills and empties', (index) => 40 + index * 0.3 + (index % 7) * 0.5],
    ['one with a few looks that are far off', (index) => 40 + index * 0.2 + (index % 10 === 3 ? 30 : 0)],
  ])('%s', (_, valueAt) => {
    expect(verdictOf(40, valueAt)).toBe('grows');
  });

  test('its slope is told in megabytes a minute, between its bounds', () => {
    const { slope, least, most, growth } = judgeGrowth(
      series(40, (index) => 40 + index * 0.2),
      tolerance,
    );
    expect([slope, least, most, growth]).toEqual([2.4, 2.4, 2.4, 7.8].map((value) => expect.closeTo(value, 6)));
  });
});

describe('what is flat', () => {
  const shake = noise(3);
  test.each<[what: string, valueAt: (index: number) => number]>([
    ['the same each time', () => 40],
    ['noise', () => 40 + shake()],
    ['a saw-tooth: caches that fill and are emptied', (index) => 40 + (index % 6) * 0.8],
    ['what shrinks', (index) => 60 - index * 0.5],
    ['a single look far off', (index) => (index === 30 ? 90 : 40)],
    ['less than the tolerance in all: code that is compiled late', (index) => 40 + index * 0.03],
  ])('%s', (_, valueAt) => {
    expect(verdictOf(40, valueAt)).toBe('flat');
  });
});

describe('what cannot be told', () => {
  test('from a few looks', () => {
    expect(verdictOf(7, () => 40)).toBe('unclear');
    expect(verdictOf(0, () => 40)).toBe('unclear');
  });

  test('from scatter in which a leak could hide', () => {
    const shake = noise(5);
    expect(verdictOf(12, () => 40 + shake() * 20)).toBe('unclear');
  });

  test('from a tooth that rises, until it has fallen', () => {
    const tooth = (index: number) => 40 + (index % 30) * 0.4;
    expect(verdictOf(25, tooth)).toBe('grows');
    expect(verdictOf(150, tooth)).not.toBe('grows');
    expect(verdictOf(600, tooth)).toBe('flat');
  });
});
