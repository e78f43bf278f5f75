import { afterAll, vi } from 'vitest';

// A story takes seconds; what hangs must not hold up the others.
vi.setConfig({ testTimeout: 15_000, hookTimeout: 20_000 });

const closers: (() => unknown)[] = [];
// All at once: a router finishes its requests in flight only when backends and clients let go.
afterAll(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** What a test file has opened is closed when the file is done. */
export function atEnd(close: () => unknown): void {
  closers.push(close);
}
