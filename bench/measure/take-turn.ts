import { runLoad } from '../load/run-load.ts';
import { timeSpentBy, timeSpentHere, timeSpentOn } from '../machine/time-spent.ts';
import type { Contestant } from '../peers/peer.ts';
import type { Document } from '../world/documents.ts';
import type { World } from '../world/world.ts';

/** What one proxy did in one turn. */
export interface Turn {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time per request: what others on the machine disturb least. */
  readonly cost: number;
  /** Share of its core that the proxy used; well below 1 means that something else was the limit. */
  readonly busy: number;
  /** Share of a core that others took, of the proxy's or of the other one, whichever is more. */
  readonly disturbed: number;
}

export interface TurnOptions {
  readonly document: Document;
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
}

export async function takeTurn(world: World, { pid, origin }: Contestant, options: TurnOptions): Promise<Turn> {
  const { document, ...load } = options;
  const before = look(world, pid);
  const seen = await runLoad(world.tools, { ...load, url: origin + document.path, size: document.size });
  const after = look(world, pid);
  const elapsed = (after.at - before.at) / 1000;
  const own = after.own - before.own;
  const onRouter = after.routerCore - before.routerCore - own;
  const onRest = after.restCore - before.restCore - (after.rest - before.rest);
  return {
    requestsPerSecond: seen.requests / seen.seconds,
    p50: seen.p50,
    p99: seen.p99,
    cost: (own / seen.requests) * 1e6,
    busy: own / elapsed,
    disturbed: Math.max(0, onRouter, onRest) / elapsed,
  };
}

function look({ tools: { cores }, helpers }: World, pid: number) {
  return {
    at: performance.now(),
    own: timeSpentBy(pid),
    routerCore: timeSpentOn(cores.router),
    // The load generator counts here once it has ended.
    rest: timeSpentHere() + [...helpers].reduce((sum, helper) => sum + timeOf(helper), 0),
    restCore: timeSpentOn(cores.rest),
  };
}

/** @returns 0 for one that has ended */
function timeOf(pid: number): number {
  try {
    return timeSpentBy(pid);
  } catch {
    return 0;
  }
}
