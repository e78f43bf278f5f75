import { expect, test } from 'vitest';
import { isDestinationName } from '../../../src/destinations/destination-name.ts';

/** T-70: names also come out of paths and hosts. */
test.each(['a', 'orders', 'My-Dest_2', 'a.b', '_x', '-', 'x'.repeat(200)])('%j is a name', (name) => {
  expect(isDestinationName(name)).toBe(true);
});

test.each(['', '.', '..', '.a', 'a/b', 'a\\b', 'a%2fb', 'a@b', 'a:b', 'a b', 'a\n', 'ä', 'a$1', '*', 'x'.repeat(201)])(
  '%j is none',
  (name) => {
    expect(isDestinationName(name)).toBe(false);
  },
);
