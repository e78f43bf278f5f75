import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createHoldBody } from '../../../../src/forwarding/csrf/hold-body.ts';

function requestWith(headers: Record<string, string>, ...parts: string[]): IncomingMessage & PassThrough {
  const stream = new PassThrough();
  for (const part of parts) stream.write(part);
  return Object.assign(stream, { headers }) as unknown as IncomingMessage & PassThrough;
}

const kib = 1024;

describe('the body of a request that may have to be sent twice', () => {
  test('is held whole when it says that it is short', async () => {
    const request = requestWith({ 'content-length': '4' }, 'ab', 'cd');
    const { isRepeatable, body } = createHoldBody()(request);
    request.end();
    expect(isRepeatable).toBe(true);
    expect(await body).toEqual({ kind: 'whole', bytes: Buffer.from('abcd') });
  });

  test('is none where there is none', async () => {
    for (const headers of [{}, { 'content-length': '0' }]) {
      const { isRepeatable, body } = createHoldBody()(requestWith(headers as Record<string, string>));
      expect([isRepeatable, await body]).toEqual([true, { kind: 'none' }]);
    }
  });

  test.each<[string, Record<string, string>]>([
    ['is larger than 256 KB', { 'content-length': String(256 * kib + 1) }],
    ['does not say how long it is', { 'transfer-encoding': 'chunked' }],
    ['says both', { 'transfer-encoding': 'chunked', 'content-length': '4' }],
    ['says nonsense', { 'content-length': 'x' }],
  ])('streams when it %s', async (_, headers) => {
    const request = requestWith(headers, 'abcd');
    const { isRepeatable, body } = createHoldBody()(request);
    expect([isRepeatable, await body, request.readableFlowing]).toEqual([false, { kind: 'streams' }, null]);
  });

  test('streams when somebody has read of it', () => {
    const request = requestWith({ 'content-length': '4' }, 'abcd');
    request.read(2);
    expect(createHoldBody()(request).isRepeatable).toBe(false);
  });

  test('streams when too much is held already, until that is let go', () => {
    const hold = createHoldBody(10);
    const six = () => hold(requestWith({ 'content-length': '6' }));
    const first = six();
    expect([first.isRepeatable, six().isRepeatable]).toEqual([true, false]);
    first.release();
    first.release(); // counts once
    expect([six().isRepeatable, six().isRepeatable]).toEqual([true, false]);
  });

  test('ends with the client that leaves in the middle of it', async () => {
    const request = requestWith({ 'content-length': '4' }, 'ab');
    const { body } = createHoldBody()(request);
    request.destroy();
    expect(await body).toEqual({ kind: 'left' });
  });
});
