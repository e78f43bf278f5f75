/**
 * What a test file has opened and closes at its end. Files share a process and the modules loaded in it, so a hook
 * beside this list would be heard by the first file only: `close-at-end.ts` registers it anew for each.
 */
const closers: (() => unknown)[] = [];

/** @param close called when the test file is done */
export function atEnd(close: () => unknown): void {
  closers.push(close);
}

/** All at once: a router finishes its requests in flight only when backends and clients let go. */
export async function closeAll(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}
