import path from 'node:path';
import { joinTheRest } from '../machine/join-the-rest.ts';
import { requireTools } from '../machine/require-tools.ts';
import { bareUndici } from '../peers/bare-undici.ts';
import type { Contestant } from '../peers/peer.ts';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { documents } from '../world/documents.ts';
import { logInMany } from '../world/log-in-many.ts';
import { openWorld } from '../world/world.ts';
import { type Comparison, compare } from './compare.ts';

/** The router of this checkout, among others. */
export const here = 'Portunus here';

/** What a change brings: routers of several checkouts in the same rounds, beside the yardstick. 1 KB. */
export async function compareCheckouts(
  folders: readonly string[],
  plan: Plan,
  tell: (line: string) => void,
): Promise<Comparison> {
  const tools = requireTools();
  joinTheRest(tools);
  const world = await openWorld(tools, plan.patience);
  try {
    const contestants: Contestant[] = [await bareUndici.start(world)];
    const checkouts = [
      { name: here, options: {} },
      ...folders.map((folder) => ({ name: folder, options: { checkout: path.resolve(folder) } })),
    ];
    for (const { name, options } of checkouts) {
      const router = await startRouter(world, name, options);
      contestants.push({ ...router, cookies: await logInMany(router.origin, 1) });
    }
    return await compare(world, contestants, documents.small, plan, tell);
  } finally {
    await world.close();
  }
}
