import { fileURLToPath } from 'node:url';
import { freePort } from '../machine/free-port.ts';
import { type Pinned, startPinned } from '../machine/start-pinned.ts';
import type { World } from './world.ts';

/** Starts the backend of long bodies and WebSockets. @param seconds for which a slow reader reads before it stops */
export async function startStreamBackend(world: World, seconds: number): Promise<Pinned & { readonly origin: string }> {
  const port = await freePort();
  const started = await startPinned({
    command: [process.execPath, fileURLToPath(new URL('stream-backend.ts', import.meta.url))],
    env: { PORT: String(port), SECONDS: String(seconds) },
    core: world.tools.cores.rest,
    port,
  });
  world.atEnd(started.stop);
  return { ...started, origin: `http://127.0.0.1:${port}` };
}
