import { describe, expect, test } from 'vitest';
import { correlationId, readTraceparent } from '../../../src/observe/trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const good = `00-${traceId}-${spanId}-01`;

describe('traceparent (W3C Trace Context 3.2)', () => {
  test.each([
    [good, { traceId, spanId, flags: 1 }],
    [`cc-${traceId}-${spanId}-00-what-a-later-version-adds`, { traceId, spanId, flags: 0 }],
    [`00-${traceId}-${spanId}-01-more`, undefined],
    [`ff-${traceId}-${spanId}-01`, undefined],
    [`00-${'0'.repeat(32)}-${spanId}-01`, undefined],
    [`00-${traceId}-${'0'.repeat(16)}-01`, undefined],
    [good.toUpperCase(), undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (value, read) => expect(readTraceparent(value)).toEqual(read));
});

describe('the correlation id', () => {
  test.each([
    [
      'the caller’s, of whichever spelling',
      { 'x-correlation-id': 'correlation-1', 'x-correlationid': 'correlation-2', traceparent: good },
      'correlation-1',
    ],
    ['the platform’s router', { 'x-vcap-request-id': 'vcap-request-1', traceparent: good }, 'vcap-request-1'],
    ['the trace', { traceparent: good }, traceId],
    ['our own', {}, 'our-own-id'],
    ['not one that could be anything', { 'x-correlation-id': 'a"},{"level":"error' }, 'our-own-id'],
  ])('%s', (_, headers, id) => expect(correlationId(headers, 'our-own-id')).toBe(id));
});
