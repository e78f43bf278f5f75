import { Client, request } from 'undici';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { documents } from '../world/documents.ts';
import { logInMany } from '../world/log-in-many.ts';
import { startTokenService } from '../world/start-token-service.ts';
import type { World } from '../world/world.ts';

/** Requests that needed a token first. Milliseconds. */
export interface TokenMisses {
  /** What the token service itself took. */
  readonly service: readonly number[];
  /** What the miss took beyond that, and beyond the same request with the token at hand. */
  readonly added: readonly number[];
}

/** Milliseconds that the token service takes: as one in the same data center does. */
const delay = 20;

/**
 * Every user's first request finds no token in the cache; the second one does. One request at a time: what waits for
 * what is not asked here, only what a miss costs.
 */
export async function measureTokenMiss(world: World, plan: Plan): Promise<TokenMisses> {
  const tokenService = await startTokenService(world.tools.cores.rest, { delay });
  world.atEnd(tokenService.stop);
  const router = await startRouter(world, 'router for misses', { tokenService });
  const warmUp = 20;
  const cookies = await logInMany(router.origin, plan.misses + warmUp);
  await world.patience.untilQuiet();
  const client = new Client(router.origin);
  const timed = async (cookie: string) => {
    const begun = performance.now();
    const answer = await client.request({ path: documents.small.path, method: 'GET', headers: { cookie } });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`a token miss was answered with ${answer.statusCode}`);
    return performance.now() - begun;
  };
  const [service, added]: [number[], number[]] = [[], []];
  for (const [index, cookie] of cookies.entries()) {
    const miss = await timed(cookie);
    const hit = await timed(cookie);
    const own = await ownTime(tokenService.issuer);
    if (index < warmUp) continue;
    service.push(own);
    added.push(miss - hit - own);
  }
  await client.close();
  await router.stop();
  return { service, added };
}

/** @throws Error unless the token service was asked exactly once since the last call: then it was no miss, or more */
async function ownTime(issuer: string): Promise<number> {
  const times = (await (await request(`${issuer}/own-times`)).body.json()) as number[];
  const [own] = times;
  if (own === undefined || times.length !== 1) throw new Error(`the token service was asked ${times.length} times`);
  return own;
}
