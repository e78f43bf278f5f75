import { fileURLToPath } from 'node:url';
import { freePort } from '../machine/free-port.ts';
import { startPinned } from '../machine/start-pinned.ts';
import type { World } from '../world/world.ts';
import type { Contestant } from './peer.ts';

/** As long as the session cookie of a router, for those who have no sessions. */
export const anyCookie = `JSESSIONID=${'s'.repeat(90)}`;

/**
 * Starts one of the programs in `proxies/` on the router's core.
 * @param name shown in tables
 * @param program file in `proxies/`
 * @param upstream origin of what it forwards to
 */
export async function startNodeProxy(
  world: World,
  name: string,
  program: string,
  upstream = world.backend.origin,
): Promise<Contestant> {
  const port = await freePort();
  const file = fileURLToPath(new URL(`../proxies/${program}`, import.meta.url));
  const started = await startPinned({
    command: [process.execPath, file],
    env: { PORT: String(port), UPSTREAM: upstream, NODE_ENV: 'production' },
    core: world.tools.cores.router,
    port,
  });
  world.atEnd(started.stop);
  return { ...started, name, origin: `http://127.0.0.1:${port}`, cookies: [anyCookie], credential: 'none' };
}
