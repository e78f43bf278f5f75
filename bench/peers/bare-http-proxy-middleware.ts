import type { Peer } from './peer.ts';
import { startNodeProxy } from './start-node-proxy.ts';

export const bareHttpProxyMiddleware: Peer = {
  name: 'http-proxy-middleware',
  does: 'nothing',
  missing: () => undefined,
  start: (world) => startNodeProxy(world, bareHttpProxyMiddleware.name, 'bare-http-proxy-middleware.ts'),
};
