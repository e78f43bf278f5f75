import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a router's process ahead of it: tells what the process holds, when it is asked. It listens to no unhandled
 * rejection and to no uncaught exception, so that either ends the process, as it would in production.
 */
export interface Held {
  /** Bytes of the heap after garbage collection. */
  readonly heap: number;
  /** Open sockets and pipes, timers that keep the process alive, requests under way: how many of each kind. */
  readonly resources: Readonly<Record<string, number>>;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', async () => {
  // What is finalized by one collection is freed by the next.
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((turn) => setImmediate(turn));
  }
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  process.send?.({ heap: process.memoryUsage().heapUsed, resources } satisfies Held);
});
process.channel?.unref();
