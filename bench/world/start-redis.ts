import { findProgram } from '../machine/find-program.ts';
import { freePort } from '../machine/free-port.ts';
import { type Pinned, startPinned } from '../machine/start-pinned.ts';
import type { World } from './world.ts';

/** Starts a Redis that keeps everything in memory. @returns undefined where none is installed */
export async function startRedis(world: World): Promise<(Pinned & { readonly url: string }) | undefined> {
  const redis = findProgram('redis-server');
  if (redis === undefined) return undefined;
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const started = await startPinned({
    command: [redis, ...options, '--dir', world.makeDirectory('redis')],
    core: world.tools.cores.rest,
    port,
  });
  world.atEnd(started.stop);
  world.joins(started.pid);
  return { ...started, url: `redis://127.0.0.1:${port}` };
}
