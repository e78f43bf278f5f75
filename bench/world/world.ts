import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createPatience, type Patience } from '../machine/patience.ts';
import type { Tools } from '../machine/require-tools.ts';
import { type Backend, startBackend } from './start-backend.ts';
import { startTokenService, type TokenService } from './start-token-service.ts';

/** All that stands around the proxies, on the core that they do not have. */
export interface World {
  readonly tools: Tools;
  readonly patience: Patience;
  readonly backend: Backend;
  readonly tokenService: TokenService;
  /** Processes beside the proxies whose work is not a disturbance. */
  readonly helpers: ReadonlySet<number>;
  /** Makes a process one of the helpers. */
  joins(pid: number): void;
  /** A new directory, removed at the end. */
  makeDirectory(name: string): string;
  /** Stops what was started last, first. */
  atEnd(stop: () => void | Promise<void>): void;
  close(): Promise<void>;
}

/** @param patienceInSeconds to lose to others on the machine */
export async function openWorld(tools: Tools, patienceInSeconds: number): Promise<World> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'portunus-bench-'));
  const stops: (() => void | Promise<void>)[] = [() => rmSync(home, { recursive: true, force: true })];
  const close = async () => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
  };
  const makeDirectory = (name: string) => mkdtempSync(path.join(home, `${name}-`));
  try {
    const backend = await startBackend(makeDirectory('backend'), tools.cores.rest);
    stops.push(backend.stop);
    const tokenService = await startTokenService(tools.cores.rest);
    stops.push(tokenService.stop);
    const helpers = new Set([backend.pid, tokenService.pid]);
    return {
      tools,
      patience: createPatience(tools.cores, patienceInSeconds),
      backend,
      tokenService,
      helpers,
      joins: (pid) => void helpers.add(pid),
      makeDirectory,
      atEnd: (stop) => void stops.push(stop),
      close,
    };
  } catch (problem) {
    await close();
    throw problem;
  }
}
