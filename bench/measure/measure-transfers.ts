import { type Direction, transfer } from '../load/transfer.ts';
import { growthDuring } from '../machine/growth-during.ts';
import { timeSpentBy } from '../machine/time-spent.ts';
import { startBareUndici } from '../peers/bare-undici.ts';
import type { Contestant } from '../peers/peer.ts';
import { portunus } from '../peers/portunus.ts';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { logInMany } from '../world/log-in-many.ts';
import { startStreamBackend } from '../world/start-stream-backend.ts';
import type { World } from '../world/world.ts';

/** One long body through one proxy. */
export interface Transfer {
  readonly megabytesPerSecond: number;
  /** Microseconds of processor time per megabyte. */
  readonly cost: number;
  /** Share of its core that the proxy used; well below 1 means that something else was the limit. */
  readonly busy: number;
  /** Megabytes by which the proxy grew. */
  readonly growth: number;
}

/** By direction, then by name of the proxy; those at one index were made in one round. */
export type Transfers = Readonly<Record<Direction, ReadonlyMap<string, readonly Transfer[]>>>;

/** Long bodies down and up, through the router in a user's name and through the yardstick. */
export async function measureTransfers(world: World, plan: Plan, tell: (line: string) => void): Promise<Transfers> {
  const backend = await startStreamBackend(world, 0);
  const measure = async (direction: Direction) => {
    // New ones for each direction: what the first transfer has made them grow by is not at hand for the next one.
    const router = await startRouter(world, portunus.name, { streamBackend: backend.origin });
    const loggedIn = { ...router, cookies: await logInMany(router.origin, 1) };
    const contestants = [loggedIn, await startBareUndici(world, backend.origin)];
    for (const contestant of contestants) await transfer[direction](contestant, 1_000);
    await new Promise((rested) => setTimeout(rested, settled));
    const turns = new Map<string, Transfer[]>(contestants.map(({ name }) => [name, []]));
    for (let round = 0; round < plan.transfers.rounds; round++) {
      for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
        await world.patience.untilQuiet();
        turns.get(contestant.name)?.push(await once(contestant, direction, plan.transfers.megabytes));
      }
      tell(`${direction} of ${plan.transfers.megabytes} MB: round ${round + 1} of ${plan.transfers.rounds}`);
    }
    for (const contestant of contestants) await contestant.stop();
    return turns;
  };
  const transfers = { download: await measure('download'), upload: await measure('upload') };
  await backend.stop();
  return transfers;
}

/** Milliseconds until the router has given back what only its start needed (src/commands/settle-memory.ts). */
const settled = 1_500;

async function once(contestant: Contestant, direction: Direction, megabytes: number): Promise<Transfer> {
  let [seconds, used] = [0, 0];
  const growth = await growthDuring(contestant.pid, async () => {
    const [begun, before] = [performance.now(), timeSpentBy(contestant.pid)];
    await transfer[direction](contestant, megabytes * 1e6);
    [seconds, used] = [(performance.now() - begun) / 1000, timeSpentBy(contestant.pid) - before];
  });
  return { megabytesPerSecond: megabytes / seconds, cost: (used / megabytes) * 1e6, busy: used / seconds, growth };
}
