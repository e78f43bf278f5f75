import type { Request } from 'express';
import { describe, expect, test } from 'vitest';
import { createCompress } from '../../../src/forwarding/compress.ts';

const asking = (accepted?: string, method = 'GET') =>
  ({ method, headers: accepted === undefined ? {} : { 'accept-encoding': accepted } }) as unknown as Request;
const json = ['Content-Type', 'application/json'];
const sized = (size: number) => [...json, 'Content-Length', String(size)];

describe('what becomes of an answer (xs-app.md 8.3)', () => {
  const compress = createCompress({});
  test.each<[string, string | undefined, string[], 'as-is' | 'varies' | 'gzip']>([
    ['long text for who reads gzip', 'gzip, deflate, br', sized(1024), 'gzip'],
    ['of unknown length', 'gzip', json, 'gzip'],
    ['below the threshold', 'gzip', sized(1023), 'varies'],
    ['for who does not read gzip', undefined, sized(9000), 'varies'],
    ['for who refuses gzip', 'gzip;q=0, br', sized(9000), 'varies'],
    ['for who reads anything', '*', sized(9000), 'gzip'],
    ['encoded already', 'gzip', [...sized(9000), 'content-encoding', 'br'], 'varies'],
    ['encoded as "identity"', 'gzip', [...sized(9000), 'content-encoding', 'identity'], 'gzip'],
    ['not to be changed', 'gzip', [...sized(9000), 'cache-control', 'public, no-transform'], 'as-is'],
    ['a part of a whole', 'gzip', [...sized(9000), 'content-range', 'bytes 0-8999/20000'], 'varies'],
    ['for who would rather have it as it is', 'identity;q=1, gzip;q=0.5', sized(9000), 'varies'],
    ['for who would rather have it small', 'identity;q=0.5, gzip', sized(9000), 'gzip'],
    ['a picture', 'gzip', ['content-type', 'image/png', 'content-length', '9000'], 'as-is'],
    ['events', 'gzip', ['content-type', 'text/event-stream'], 'as-is'],
    ['several parts of several types', 'gzip', ['content-type', 'multipart/mixed; boundary=x'], 'as-is'],
    ['of no type', 'gzip', ['content-length', '9000'], 'as-is'],
  ])('%s', (_, accepted, headers, expected) => {
    expect(compress.decide(asking(accepted), 200, headers)).toBe(expected);
  });

  test('a HEAD has no body to compress', () => {
    expect(compress.decide(asking('gzip', 'HEAD'), 200, sized(9000))).toBe('varies');
  });

  test('a 204 has none either, and a 304 names what its answer varies by (RFC 9110 15.4.5)', () => {
    expect(compress.decide(asking('gzip'), 204, json)).toBe('as-is');
    expect(compress.decide(asking('gzip'), 304, json)).toBe('varies');
  });

  test.each([
    ['application/json', true],
    ['image/svg+xml', true],
    ['application/x-sh', true],
    ['image/png', false],
    ['text/event-stream', false],
  ])('the first chunk of %s is waited for: %s', (type, waits) => {
    expect(compress.waitsForChunk(asking('gzip'), ['content-type', type])).toBe(waits);
    expect(compress.waitsForChunk(asking('gzip'), ['content-type', type, 'content-length', '9'])).toBe(false);
  });

  test('the first chunk tells the size where no header does', () => {
    expect(compress.decide(asking('gzip'), 200, json, 10)).toBe('varies');
    expect(compress.decide(asking('gzip'), 200, json, 5000)).toBe('gzip');
  });

  test('parts of several types by setting; nothing at all when it is off', () => {
    const mixed = createCompress({ compressResponseMixedTypeContent: true });
    expect(mixed.decide(asking('gzip'), 200, ['content-type', 'multipart/mixed; boundary=x'])).toBe('gzip');
    expect(createCompress({ enabled: false }).decide(asking('gzip'), 200, sized(9000))).toBe('as-is');
  });
});
