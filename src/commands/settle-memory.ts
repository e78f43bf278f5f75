import { performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';

/** Milliseconds between looks: a start, and a burst of requests, is often followed at once by the next request. */
const pause = 1_000;

/** Share of that time in which the process may have been at work: the next request is not about to come. */
const idle = 0.1;

/**
 * Bytes by which the heap must have grown, and by half, and looks that nobody must have come between: a collection takes a
 * millisecond for each megabyte that lives, and V8 runs slower for a while after it. After the start the first one will do.
 */
const worthIt = 128 * 1024 * 1024;
const looksAtRest = 10;

/** What is asked of the process; a test has its own. */
export interface Memory {
  /** Bytes of the old objects in V8's heap, what nobody holds any more included; the young ones it collects by itself. */
  used(): number;
  /** Share of the time since it was last asked in which the process was at work. */
  busy(): number;
  collect(): Promise<void>;
}

/**
 * Gives back memory that nobody needs, in a moment without requests. V8 does it by itself only when its heap has become
 * half as large again as what lived on the last time, or more, and that is in the middle of requests: after a start a heap
 * stays twice as large as what lives on, after many logins too (docs/performance.md). A full collection takes a tenth of
 * a second, or a whole one where a hundred thousand sessions live.
 * @param inFlight how many requests are being answered
 * @returns ends it
 */
export function settleMemory(inFlight: () => number, memory: Memory = ownMemory()): () => void {
  /** What lived on the last time, in bytes; nothing yet: what the start needed is given back in any case. */
  let lived = Number.NEGATIVE_INFINITY;
  let collecting = false;
  let rested = 0;
  const look = async () => {
    rested = memory.busy() < idle && inFlight() === 0 ? rested + 1 : 0;
    const enough = lived === Number.NEGATIVE_INFINITY ? 1 : looksAtRest;
    if (collecting || rested < enough || memory.used() - lived < Math.max(worthIt, lived / 2)) return;
    collecting = true;
    await memory.collect().catch(() => {});
    lived = memory.used();
    collecting = false;
  };
  const timer = setInterval(() => void look(), pause);
  timer.unref();
  return () => clearInterval(timer);
}

function ownMemory(): Memory {
  let before = performance.eventLoopUtilization();
  return {
    used: () =>
      getHeapSpaceStatistics()
        .filter(({ space_name: space }) => !space.startsWith('new_'))
        .reduce((sum, { space_used_size: used }) => sum + used, 0),
    busy() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    collect: collectGarbage,
  };
}

/** Node's own interface to V8's collector of all garbage is the inspector, in this process only: no port is opened. */
async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}
