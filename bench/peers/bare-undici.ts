import type { Peer } from './peer.ts';
import { startNodeProxy } from './start-node-proxy.ts';

/** What is left when all is taken away: the yardstick. */
export const bareUndici: Peer = {
  name: 'node:http + undici',
  does: 'nothing',
  missing: () => undefined,
  start: (world) => startNodeProxy(world, bareUndici.name, 'bare-undici.ts'),
};
