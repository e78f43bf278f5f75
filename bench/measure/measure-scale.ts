import type { Contestant } from '../peers/peer.ts';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { documents } from '../world/documents.ts';
import { logInMany } from '../world/log-in-many.ts';
import type { World } from '../world/world.ts';
import { type Comparison, compare } from './compare.ts';

export const scale = { usual: '10 routes, 1 session', routes: '1,000 routes, 1 session', sessions: 'many sessions' };

/** What many routes and many live sessions cost, each against a router that has few of both. */
export async function measureScale(world: World, plan: Plan, tell: (line: string) => void): Promise<Comparison> {
  const usual = await loggedIn(await startRouter(world, scale.usual), 1);
  const routes = await loggedIn(await startRouter(world, scale.routes, { routes: 1_000 }), 1);
  tell(`logging in ${plan.sessions} users`);
  const crowded = await loggedIn(await startRouter(world, scale.sessions), plan.sessions);
  const step = plan.sessions / plan.sessionsUsed;
  const used = Array.from({ length: plan.sessionsUsed }, (_, index) => crowded.cookies[Math.floor(index * step)] ?? '');
  // The load takes turns among cookies for all three, so that it costs its core the same.
  const alike = [usual, routes].map((one) => ({
    ...one,
    cookies: Array<string>(used.length).fill(one.cookies[0] ?? ''),
  }));
  const contestants = [...alike, { ...crowded, cookies: used }];
  try {
    return await compare(world, contestants, documents.small, plan, tell);
  } finally {
    await Promise.all(contestants.map(({ stop }) => stop()));
  }
}

async function loggedIn(router: Contestant, users: number): Promise<Contestant> {
  return { ...router, cookies: await logInMany(router.origin, users) };
}
