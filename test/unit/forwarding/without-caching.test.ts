import { expect, test } from 'vitest';
import { withoutCaching } from '../../../src/forwarding/without-caching.ts';

test('nothing is left that lets an answer be kept, and nothing else goes', () => {
  const asked = [
    'Cache-Control',
    'public',
    'ETag',
    '"1"',
    'EXPIRES',
    'Thu',
    'x',
    'expires',
    'Surrogate-Control',
    'max-age=9',
  ];
  expect(withoutCaching([...asked, 'CDN-Cache-Control', 'public'])).toEqual(['ETag', '"1"', 'x', 'expires']);
});
