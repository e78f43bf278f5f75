import type { Peer } from './peer.ts';
import { startNodeProxy } from './start-node-proxy.ts';

export const fastifyHttpProxy: Peer = {
  name: '@fastify/http-proxy',
  does: 'nothing',
  missing: () => undefined,
  start: (world) => startNodeProxy(world, fastifyHttpProxy.name, 'fastify-http-proxy.ts'),
};
