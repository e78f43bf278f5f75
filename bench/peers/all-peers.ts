import { apacheOpenidc } from './apache-openidc.ts';
import { bareHttpProxyMiddleware } from './bare-http-proxy-middleware.ts';
import { bareUndici } from './bare-undici.ts';
import { fastifyHttpProxy } from './fastify-http-proxy.ts';
import { nginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { portunus } from './portunus.ts';

/** Those that goals are set against, and those that are good to know. */
export const rivals: readonly Peer[] = [portunus, bareUndici, bareHttpProxyMiddleware];
export const onlookers: readonly Peer[] = [fastifyHttpProxy, nginx, apacheOpenidc];
