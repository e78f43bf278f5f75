import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createClient as createRedisClient } from '@redis/client';
import { freePort } from '../machine/free-port.ts';
import { type Pinned, startPinned } from '../machine/start-pinned.ts';
import { startRedis } from '../world/start-redis.ts';
import { startTokenService } from '../world/start-token-service.ts';
import type { SoakPlan } from './plan.ts';
import { type Places, writeConfiguration } from './write-configuration.ts';

/** A router, and all that it is connected with, each a process of its own. */
export interface SoakWorld {
  readonly router: Pinned;
  readonly origin: string;
  /** Where its metrics are. */
  readonly admin: string;
  /** Its working directory. */
  readonly home: string;
  readonly places: Places;
  /** How many sessions are in Redis; undefined where they are in memory. */
  readonly sessionsInRedis: (() => Promise<number>) | undefined;
  close(): Promise<void>;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Starts the router as its owner would, with V8's inspector on, which is how it is looked at.
 * @param hear told each piece that the router writes
 * @throws Error when a part is missing or does not start
 */
export async function openSoakWorld(
  { tokenLife, idle, sessionsIn }: SoakPlan,
  hear: (text: string, stream: 'stdout' | 'stderr') => void,
): Promise<SoakWorld> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'portunus-soak-'));
  const stops: (() => unknown)[] = [() => rmSync(home, { recursive: true, force: true })];
  const pids: number[] = [];
  const killAll = () => {
    for (const pid of pids) kill(pid);
  };
  process.once('exit', killAll);
  const close = async () => {
    process.off('exit', killAll);
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
  };
  try {
    const tokenService = await startTokenService(undefined, { life: tokenLife });
    pids.push(tokenService.pid);
    stops.push(tokenService.stop);
    const [backendPort, port, adminPort, nobody] = await freePorts();
    const backend = await startPinned({
      command: [process.execPath, here('backend.ts')],
      env: { PORT: String(backendPort) },
      port: backendPort,
    });
    pids.push(backend.pid);
    stops.push(backend.stop);
    const redis = sessionsIn === 'redis' ? await openRedis(stops, pids) : undefined;
    const places = { backend: `http://127.0.0.1:${backendPort}`, nobody: `http://127.0.0.1:${nobody}`, tokenService };
    writeConfiguration(home, places, 0);
    const router = await startPinned({
      command: [
        process.execPath,
        '--inspect=127.0.0.1:0',
        '--import',
        pathToFileURL(here('../../src/keep-compiled.js')).href,
        here('../../src/main.ts'),
        '-w',
        home,
      ],
      env: {
        PORT: String(port),
        XS_BIND_ADDRESS: '127.0.0.1',
        PORTUNUS_ADMIN_PORT: String(adminPort),
        SESSION_TIMEOUT: String(idle / 60),
        OIDC_ISSUER: tokenService.issuer,
        OIDC_CLIENT_ID: tokenService.client.id,
        OIDC_CLIENT_SECRET: tokenService.client.secret,
        ...(redis && { REDIS_URL: redis.url, SESSION_SECRET: 'soaked '.repeat(10) }),
      },
      port,
      hear,
    });
    pids.push(router.pid);
    stops.push(router.stop);
    return {
      router,
      origin: `http://127.0.0.1:${port}`,
      admin: `http://127.0.0.1:${adminPort}`,
      home,
      places,
      sessionsInRedis: redis?.sessions,
      close,
    };
  } catch (problem) {
    await close();
    throw problem;
  }
}

/** Backend, router, its metrics, nobody. */
function freePorts(): Promise<[number, number, number, number]> {
  return Promise.all([freePort(), freePort(), freePort(), freePort()]);
}

async function openRedis(stops: (() => unknown)[], pids: number[]) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'portunus-soak-redis-'));
  stops.push(() => rmSync(directory, { recursive: true, force: true }));
  const redis = await startRedis(directory);
  if (redis === undefined) throw new Error('redis-server is not installed: apt-get install redis-server');
  pids.push(redis.pid);
  stops.push(redis.stop);
  const { url } = redis;
  const client = await createRedisClient({ url }).connect();
  stops.push(() => client.close());
  const isSession = (key: string) => /^portunus:session:[\w-]{43}$/.test(key);
  return { url, sessions: async () => (await client.keys('portunus:session:*')).filter(isSession).length };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
