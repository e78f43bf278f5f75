import { describe, expect, test } from 'vitest';
import { createFrameTracker } from '../../../src/forwarding/frame-tracker.ts';

/** A frame as a server or, masked, a client sends it (RFC 6455 5.2). */
function frame(length: number, masked = false): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x82, mask | length])
      : length < 65_536
        ? Buffer.from([0x82, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([0x82, mask | 127, 0, 0, 0, 0]), uint32(length)]);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 1), Buffer.alloc(length, 0x88)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];

describe('a tunnel is between frames', () => {
  test.each(lengths.flatMap((length) => [[length, false] as const, [length, true] as const]))(
    'after a frame of %i bytes (masked: %s), and not before its end',
    (length, masked) => {
      const bytes = frame(length, masked);
      for (const cut of [1, 2, 3, bytes.length - 1].filter((at) => at > 0 && at < bytes.length)) {
        const tracker = createFrameTracker();
        expect(tracker.isBetweenFrames).toBe(true);
        tracker.follow(bytes.subarray(0, cut));
        expect(tracker.isBetweenFrames, `cut at ${cut}`).toBe(false);
        tracker.follow(bytes.subarray(cut));
        expect(tracker.isBetweenFrames).toBe(true);
      }
    },
  );

  test('after many, however they are cut', () => {
    const all = Buffer.concat(lengths.map((length) => frame(length)));
    const ends = new Set(lengths.map((_, i) => Buffer.concat(lengths.slice(0, i + 1).map((one) => frame(one))).length));
    const tracker = createFrameTracker();
    for (let at = 0; at < all.length; at++) {
      tracker.follow(all.subarray(at, at + 1));
      if (tracker.isBetweenFrames !== ends.has(at + 1)) expect.fail(`wrong at ${at}`);
    }
  });
});
