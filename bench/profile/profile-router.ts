import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeScript } from '../load/write-script.ts';
import { joinTheRest } from '../machine/join-the-rest.ts';
import { requireTools } from '../machine/require-tools.ts';
import { checkAnswer } from '../measure/check-answer.ts';
import { takeTurn } from '../measure/take-turn.ts';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { documents } from '../world/documents.ts';
import { logInMany } from '../world/log-in-many.ts';
import { openWorld } from '../world/world.ts';
import { type CpuProfile, summarize } from './summarize.ts';

/** Seconds of load that count; a warm-up goes before, because code that is not yet optimized would lead the list. */
const seconds = 10;

/**
 * Puts a router under the usual load (1 KB) with node's profiler on.
 * @param file where the profile goes; Chrome's developer tools open it
 * @returns tables: by part of the program, and by function
 */
export async function profileRouter(file: string, plan: Plan, tell: (line: string) => void): Promise<string> {
  const tools = requireTools();
  joinTheRest(tools);
  const world = await openWorld(tools, plan.patience);
  try {
    const folder = world.makeDirectory('profile');
    const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const router = await startRouter(world, 'profiled router', { nodeOptions });
    const cookies = await logInMany(router.origin, 1);
    const script = path.join(folder, 'script.lua');
    writeScript(script, cookies);
    await checkAnswer({ ...router, cookies }, documents.small);
    tell(`${seconds} s of load`);
    const load = { document: documents.small, script, connections: plan.connections };
    await takeTurn(world, router, { ...load, seconds: plan.warmUp });
    const turn = await takeTurn(world, router, { ...load, seconds });
    await router.stop();
    const [name = ''] = readdirSync(folder).filter((entry) => entry.endsWith('.cpuprofile'));
    copyFileSync(path.join(folder, name), file);
    const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    return summarize(profile, Math.round(turn.requestsPerSecond * seconds), seconds);
  } finally {
    await world.close();
  }
}
