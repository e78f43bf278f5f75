import { onlookers, rivals } from '../peers/all-peers.ts';
import { bareUndici } from '../peers/bare-undici.ts';
import type { Contestant, Peer } from '../peers/peer.ts';
import { portunus } from '../peers/portunus.ts';
import type { Plan } from '../plan.ts';
import { documents } from '../world/documents.ts';
import type { World } from '../world/world.ts';
import { type Comparison, compare } from './compare.ts';

export interface PeerFigures {
  readonly small: Comparison;
  readonly large: Comparison;
  readonly missing: readonly string[];
}

/** The router among other proxies, all of them running, one of them asked at a time. */
export async function measurePeers(world: World, plan: Plan, tell: (line: string) => void): Promise<PeerFigures> {
  const peers: readonly Peer[] = plan.everybody ? [...rivals, ...onlookers] : rivals;
  const contestants: Contestant[] = [];
  const missing: string[] = [];
  for (const peer of peers) {
    const why = peer.missing();
    if (why === undefined) contestants.push(await peer.start(world));
    else missing.push(`${peer.name} (${why})`);
  }
  try {
    const small = await compare(world, contestants, documents.small, plan, tell);
    // Goals with large answers are set against the yardstick only.
    const few = contestants.filter(({ name }) => name === portunus.name || name === bareUndici.name);
    const large = await compare(world, plan.everybody ? contestants : few, documents.large, plan, tell);
    return { small, large, missing };
  } finally {
    await Promise.all(contestants.map(({ stop }) => stop()));
  }
}
