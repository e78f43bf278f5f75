import { describe, expect, test } from 'vitest';
import { isStale } from '../../../src/forwarding/is-stale.ts';

const broken = (code: string, bytesRead?: number) =>
  Object.assign(new Error('broken'), { code }, bytesRead === undefined ? {} : { socket: { bytesRead } });

describe('a connection that was closed while it was kept', () => {
  test.each([
    ['it has answered before', broken('UND_ERR_SOCKET', 200), 0],
    ['nobody knows what it has answered, and it was quiet for a while', broken('ECONNRESET'), 500],
    ['the same, found by writing', broken('EPIPE'), 3_000],
  ])('%s', (_, cause, quiet) => expect(isStale(cause, quiet)).toBe(true));
});

describe('no such connection: the backend may have seen the request', () => {
  test.each([
    ['it never answered anything', broken('UND_ERR_SOCKET', 0), 3_000],
    ['it was used a moment ago, or never', broken('ECONNRESET'), 0],
    ['it was too slow', broken('UND_ERR_HEADERS_TIMEOUT', 200), 3_000],
    ['it could not be had', broken('ECONNREFUSED'), 3_000],
    ['it is none at all', undefined, 3_000],
  ])('%s', (_, cause, quiet) => expect(isStale(cause, quiet)).toBe(false));
});
