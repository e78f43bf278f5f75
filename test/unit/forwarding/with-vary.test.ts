import { expect, test } from 'vitest';
import { withVary } from '../../../src/forwarding/with-vary.ts';

test.each<[string, string[], string]>([
  ['nothing said so far', [], 'Accept-Encoding'],
  ['other fields', ['Vary', 'Origin'], 'Origin, Accept-Encoding'],
  ['on several lines', ['vary', 'Origin', 'VARY', 'Cookie'], 'Origin, Cookie, Accept-Encoding'],
  ['the field itself, in any case', ['vary', 'origin,accept-encoding'], 'origin,accept-encoding'],
  ['everything', ['vary', '*'], '*'],
])('%s: one line says all', (_, given, expected) => {
  const headers = withVary(['etag', '"1"', ...given, 'age', '1'], 'Accept-Encoding');
  expect(headers).toEqual(['etag', '"1"', 'age', '1', 'vary', expected]);
});
