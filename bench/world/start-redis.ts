import { findProgram } from '../machine/find-program.ts';
import { freePort } from '../machine/free-port.ts';
import { type Pinned, startPinned } from '../machine/start-pinned.ts';

/**
 * Starts a Redis that keeps everything in memory.
 * @param directory of its own
 * @returns undefined where none is installed
 */
export async function startRedis(
  directory: string,
  core?: number,
): Promise<(Pinned & { readonly url: string }) | undefined> {
  const redis = findProgram('redis-server');
  if (redis === undefined) return undefined;
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const started = await startPinned({ command: [redis, ...options, '--dir', directory], core, port });
  return { ...started, url: `redis://127.0.0.1:${port}` };
}
