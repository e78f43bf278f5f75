import { fileURLToPath } from 'node:url';
import { startLandscape } from '../../demo/landscape/start-landscape.ts';
import { writeWorkingDirectory } from '../../demo/landscape/write-working-directory.ts';
import { makeWorkingDirectory } from '../../demo/make-working-directory.ts';
import { freePort } from '../machine/free-port.ts';
import { memoryOf } from '../machine/memory-of.ts';
import { spawnPinned } from '../machine/start-pinned.ts';
import type { Plan } from '../plan.ts';
import type { World } from '../world/world.ts';

/** How starts went, with the demo's configuration. */
export interface Starts {
  /** Milliseconds from the start of the process to its first answer, with the compile cache of earlier starts. */
  readonly again: readonly number[];
  /** The same without: the first start on a machine or in a container. */
  readonly first: readonly number[];
  /** From the start to "ready", with the compile cache: identity providers are asked after the first answer. */
  readonly ready: readonly number[];
  /** Megabytes (VmRSS) after a rest, and at most until then. */
  readonly idle: readonly number[];
  readonly peak: readonly number[];
}

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const keepCompiled = new URL('../../src/keep-compiled.js', import.meta.url).href;
/** A route of the demo that needs no login: its answer has gone the whole way. */
const page = '/goodbye.html';
const patience = 10_000;

/** Starts the router with the demo's configuration over and over, as a process of its own on its core. */
export async function measureStart(world: World, plan: Plan): Promise<Starts> {
  const directory = await makeWorkingDirectory();
  world.atEnd(directory.remove);
  const landscape = await startLandscape({ redirectUris: [], postLogoutRedirectUris: [] });
  world.atEnd(landscape.stop);
  const environment = await writeWorkingDirectory(landscape, directory.path);

  const startOnce = async (compileCache: string) => {
    await world.patience.untilQuiet();
    const port = await freePort();
    const begun = performance.now();
    const router = spawnPinned({
      command: [process.execPath, '--import', keepCompiled, program, '-w', directory.path],
      env: {
        ...environment,
        PORT: String(port),
        XS_BIND_ADDRESS: '127.0.0.1',
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: compileCache,
      },
      core: world.tools.cores.router,
      port,
    });
    try {
      await firstAnswer(`http://127.0.0.1:${port}${page}`, begun + patience, router.said);
      const milliseconds = performance.now() - begun;
      await firstAnswer(`http://127.0.0.1:${port}/-/health/ready`, begun + patience, router.said);
      const ready = performance.now() - begun;
      await new Promise((go) => setTimeout(go, plan.idle * 1000));
      return { milliseconds, ready, memory: memoryOf(router.child.pid ?? 0) };
    } finally {
      await router.stop();
    }
  };

  const figures: { [K in keyof Starts]: number[] } = { again: [], first: [], ready: [], idle: [], peak: [] };
  const cache = world.makeDirectory('compile-cache');
  await startOnce(cache);
  for (let count = 0; count < plan.starts; count++) {
    figures.first.push((await startOnce(world.makeDirectory('compile-cache'))).milliseconds);
    const { milliseconds, ready, memory } = await startOnce(cache);
    figures.again.push(milliseconds);
    figures.ready.push(ready);
    figures.idle.push(memory.now);
    figures.peak.push(memory.peak);
  }
  return figures;
}

async function firstAnswer(url: string, until: number, said: () => string): Promise<void> {
  while (performance.now() < until) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((go) => setTimeout(go, 2));
  }
  throw new Error(`the router with the demo's configuration does not answer\n${said()}`);
}
