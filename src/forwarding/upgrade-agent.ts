import type { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Target } from '../destinations/read-target.ts';
import { tunnelAgent } from './tunnel-agent.ts';
import { upstreamTls } from './upstream-tls.ts';

/** How upgrades connect to a target, as an option for node's requests; none: as node does by itself. */
export function agentFor({ url, tls, proxy }: Target): { readonly agent?: Agent } {
  if (proxy !== undefined) return { agent: tunnelAgent(url, proxy, upstreamTls(tls)) };
  return url.protocol === 'https:' ? { agent: new HttpsAgent(upstreamTls(tls)) } : {};
}
