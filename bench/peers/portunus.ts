import { logInMany } from '../world/log-in-many.ts';
import type { Peer } from './peer.ts';
import { startRouter } from './start-router.ts';

export const portunus: Peer = {
  name: 'Portunus',
  does: 'session, route, user token, headers',
  missing: () => undefined,
  async start(world) {
    const router = await startRouter(world, portunus.name);
    return { ...router, cookies: await logInMany(router.origin, 1) };
  },
};
