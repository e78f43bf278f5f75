import { describeMachine } from './machine/describe-machine.ts';
import { joinTheRest } from './machine/join-the-rest.ts';
import { requireTools } from './machine/require-tools.ts';
import { measurePeers } from './measure/measure-peers.ts';
import { measureScale } from './measure/measure-scale.ts';
import { measureSlowEnds } from './measure/measure-slow-ends.ts';
import { measureStart } from './measure/measure-start.ts';
import { measureTokenMiss } from './measure/measure-token-miss.ts';
import { measureTransfers } from './measure/measure-transfers.ts';
import { measureTunnels } from './measure/measure-tunnels.ts';
import type { Plan } from './plan.ts';
import type { Result } from './report/result.ts';
import { openWorld } from './world/world.ts';

/**
 * Measures everything, one thing after the other.
 * @param tell told what is being done
 * @throws Error when tools are missing or something does not answer as it should
 */
export async function runBench(plan: Plan, tell: (line: string) => void): Promise<Result> {
  const tools = requireTools();
  const [date, machine] = [new Date().toISOString(), describeMachine()];
  joinTheRest(tools);
  const world = await openWorld(tools, plan.patience);
  try {
    tell('start and memory');
    const starts = await measureStart(world, plan);
    tell('token misses');
    const misses = await measureTokenMiss(world, plan);
    const peers = await measurePeers(world, plan, tell);
    tell('long bodies');
    const transfers = await measureTransfers(world, plan, tell);
    tell('slow ends');
    const slowEnds = await measureSlowEnds(world, plan, tell);
    tell('idle WebSockets');
    const tunnels = await measureTunnels(world, plan, tell);
    tell('routes and sessions');
    const scale = await measureScale(world, plan, tell);
    const streams = { transfers, slowEnds, tunnels };
    return { date, machine, plan, backend: world.backend.kind, ...peers, ...streams, scale, starts, misses };
  } finally {
    await world.close();
  }
}
