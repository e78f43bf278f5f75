import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of bodies after which what is left of them is collected. */
const enough = 8 * 1024 * 1024;

let streamed = 0;
let collect: (() => void) | undefined;

/**
 * Counts what has been handed on of bodies, and lets go of it in time. Each chunk is a buffer of 64 KB outside of V8's
 * heap, held by an object of a few bytes within: V8 thinks little of them until they come to as much as its heap may grow,
 * 64 MB at most, and then goes through the whole heap, over and over while a body streams. That was a quarter to half of
 * the processor time of a long body, and 50 MB of memory. Looking through the young objects only takes a millisecond.
 * @param bytes of the chunk
 */
export function collectStreamed(bytes: number): void {
  streamed += bytes;
  if (streamed < enough) return;
  streamed = 0;
  collect ??= youngCollector();
  collect();
}

/**
 * V8's own function for tests of its collector: node gives no other access to a collection of young objects alone (T-22: the
 * script is a constant, and nobody else gets the function).
 */
function youngCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  return () => gc({ type: 'minor' });
}
