import { expect, test, vi } from 'vitest';
import { collectStreamed } from '../../../src/forwarding/collect-streamed.ts';

const megabyte = 1024 * 1024;
const held = () => process.memoryUsage().arrayBuffers;

/** Buffers that nobody holds when it returns. */
function makeChunks(bytes: number): void {
  for (let made = 0; made < bytes; made += 65_536) Buffer.allocUnsafeSlow(65_536);
}

test('chunks that were handed on are let go of before they come to much', async () => {
  collectStreamed(16 * megabyte); // the collector is made with the first use
  const before = held();
  makeChunks(7 * megabyte);
  expect(held() - before).toBeGreaterThan(6 * megabyte);
  collectStreamed(6 * megabyte);
  expect(held() - before, 'a few are not worth it').toBeGreaterThan(6 * megabyte);
  collectStreamed(2 * megabyte);
  await vi.waitFor(() => expect(held() - before).toBeLessThan(2 * megabyte), 10_000);
});

test('scripts see no collector', () => {
  collectStreamed(16 * megabyte);
  expect((globalThis as { gc?: unknown }).gc).toBeUndefined();
});
