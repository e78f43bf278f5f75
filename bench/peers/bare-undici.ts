import type { World } from '../world/world.ts';
import type { Contestant, Peer } from './peer.ts';
import { startNodeProxy } from './start-node-proxy.ts';

/** What is left when all is taken away: the yardstick. */
export const bareUndici: Peer = {
  name: 'node:http + undici',
  does: 'nothing',
  missing: () => undefined,
  start: (world) => startBareUndici(world),
};

/** @param upstream origin of another backend */
export function startBareUndici(world: World, upstream?: string): Promise<Contestant> {
  return startNodeProxy(world, bareUndici.name, 'bare-undici.ts', upstream);
}
