import type { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Target } from '../destinations/read-target.ts';
import { tlsOptions } from '../destinations/tls-options.ts';
import { tunnelAgent } from './tunnel-agent.ts';

/** How upgrades connect to a target, as an option for node's requests; none: as node does by itself. */
export function agentFor({ url, tls, proxy }: Target): { readonly agent?: Agent } {
  if (proxy !== undefined) return { agent: tunnelAgent(url, proxy, tlsOptions(tls)) };
  return url.protocol === 'https:' ? { agent: new HttpsAgent(tlsOptions(tls)) } : {};
}
