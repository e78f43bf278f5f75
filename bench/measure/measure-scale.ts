import { memoryOf } from '../machine/memory-of.ts';
import type { Contestant } from '../peers/peer.ts';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { documents } from '../world/documents.ts';
import { logInMany } from '../world/log-in-many.ts';
import { startRedis } from '../world/start-redis.ts';
import { startTokenService } from '../world/start-token-service.ts';
import type { World } from '../world/world.ts';
import { type Comparison, compare } from './compare.ts';

export const scale = {
  usual: '10 routes, 1 session',
  routes: '1,000 routes, 1 session',
  redis: 'session in Redis',
  sessions: 'many sessions',
};

export interface Scale {
  readonly turns: Comparison;
  /** Kilobytes of memory (VmRSS) for each of many sessions, after a rest. */
  readonly session: number;
  readonly missing: readonly string[];
}

/** Characters of the token that each of the many users has: as long as one with sixty groups is. */
const tokenSize = 4_096;

/** What many routes, many live sessions and sessions in Redis cost, each against a router without. */
export async function measureScale(world: World, plan: Plan, tell: (line: string) => void): Promise<Scale> {
  const usual = await loggedIn(await startRouter(world, scale.usual), 1);
  const routes = await loggedIn(await startRouter(world, scale.routes, { routes: 1_000 }), 1);
  const redis = await startRedis(world.makeDirectory('redis'), world.tools.cores.rest);
  if (redis !== undefined) {
    world.atEnd(redis.stop);
    world.joins(redis.pid);
  }
  const shared =
    redis === undefined
      ? []
      : [await loggedIn(await startRouter(world, scale.redis, { env: redisSettings(redis.url) }), 1)];
  const tokenService = await startTokenService(world.tools.cores.rest, { tokenSize });
  world.atEnd(tokenService.stop);
  world.joins(tokenService.pid);
  const { session, ...crowded } = await crowd(await startRouter(world, scale.sessions, { tokenService }), plan, tell);
  const step = plan.sessions / plan.sessionsUsed;
  const used = Array.from({ length: plan.sessionsUsed }, (_, index) => crowded.cookies[Math.floor(index * step)] ?? '');
  // The load takes turns among cookies for all of them, so that it costs its core the same.
  const alike = [usual, routes, ...shared].map((one) => ({
    ...one,
    cookies: Array<string>(used.length).fill(one.cookies[0] ?? ''),
  }));
  const contestants = [...alike, { ...crowded, cookies: used }];
  try {
    const turns = await compare(world, contestants, documents.small, plan, tell);
    return { turns, session, missing: redis === undefined ? [`${scale.redis} (redis-server is not installed)`] : [] };
  } finally {
    await Promise.all(
      [...contestants, tokenService, ...(redis === undefined ? [] : [redis])].map(({ stop }) => stop()),
    );
  }
}

/** Logs in many users, and weighs them. */
async function crowd(router: Contestant, { sessions, settling }: Plan, tell: (line: string) => void) {
  const rest = () => new Promise((rested) => setTimeout(rested, settling * 1000));
  // What the first ones need, code above all, the others share.
  const first = Math.ceil(sessions / 100);
  const cookies = [...(await logInMany(router.origin, first))];
  await rest();
  const before = memoryOf(router.pid).now;
  const steps = 20;
  for (let step = 1; step <= steps; step++) {
    cookies.push(...(await logInMany(router.origin, Math.ceil((sessions - first) / steps))));
    if (step % 2 === 0) tell(`${cookies.length} of ${sessions} users logged in`);
  }
  await rest();
  const session = ((memoryOf(router.pid).now - before) * 1024) / (cookies.length - first);
  return { ...router, cookies, session };
}

function redisSettings(url: string): Readonly<Record<string, string>> {
  return { REDIS_URL: url, SESSION_SECRET: 'the benchmark keeps its sessions in Redis' };
}

async function loggedIn(router: Contestant, users: number): Promise<Contestant> {
  return { ...router, cookies: await logInMany(router.origin, users) };
}
