import { setTimeout as after } from 'node:timers/promises';
import type { Client } from './client.ts';
import type { SoakWorld } from './open-world.ts';
import { generationHeader, writeConfiguration, writeUnusable } from './write-configuration.ts';

/** Seconds that a change may take until it serves. */
const patience = 30;

/**
 * Replaces the configuration while requests go on: by a changed file, by SIGHUP, and every third time by way of one that
 * nobody can use.
 * @param refusals how many configurations the router has refused so far
 */
export async function replaceConfiguration(
  { home, places, router }: SoakWorld,
  client: Client,
  generation: number,
  refusals: () => number,
): Promise<void> {
  const kind = 'configuration replaced';
  const until = async (holds: () => boolean | Promise<boolean>, what: string) => {
    const end = performance.now() + patience * 1000;
    while (!(await holds())) {
      if (performance.now() > end) return client.tally.unexpected(kind, `${what} within ${patience} s`);
      await after(50);
    }
  };
  if (generation % 3 === 0) {
    const before = refusals();
    writeUnusable(home);
    await until(() => refusals() > before, 'one that is not usable was not refused');
  }
  writeConfiguration(home, places, generation);
  if (generation % 3 === 1) process.kill(router.pid, 'SIGHUP');
  await until(async () => {
    const { headers } = await client.ask({ kind, path: '/public/hello', wants: [200] });
    return headers[generationHeader] === String(generation);
  }, 'it does not serve');
}
