import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { atEnd } from '../../../support/at-end.ts';
import { keepCompiled } from '../../../support/keep-compiled.ts';
import { prepare, type RouterSetup, register } from '../../support/open-router.ts';
import type { Held } from './probe.ts';

const main = fileURLToPath(new URL('../../../../src/main.ts', import.meta.url));
const probe = new URL('probe.ts', import.meta.url).href;

/** A router that is a process of its own, and has to stay afloat whatever happens around it. */
export interface Afloat {
  readonly origin: string;
  readonly port: number;
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** What the process holds, after garbage collection. */
  held(): Promise<Held>;
  /**
   * Fails unless the process lives and has written nothing about a defect: no error but the expected ones since the
   * last look, no warning of node's (listeners that pile up), no stack.
   * @param expected codes of errors that belong to the story
   */
  expectAfloat(expected: readonly string[]): void;
}

/** Starts `node src/main.ts` with the probe in it; it is killed when the test file is done. */
export async function openAfloat(setup: RouterSetup): Promise<Afloat> {
  const { directory, variables } = await prepare({ ...setup, env: { XS_APP_LOG_LEVEL: 'info', ...setup.env } });
  const child = spawn(process.execPath, ['--import', probe, main, 'start', '-w', directory], {
    cwd: '/',
    env: { ...keepCompiled, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  atEnd(() => child.exitCode ?? child.kill('SIGKILL'));
  let output = '';
  let looked = 0;
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  const portOf = () => Number(/"port":(\d+)[^\n]*"msg":"listening"/.exec(output)?.[1]);
  await vi.waitFor(
    () => {
      if (child.exitCode !== null || !(portOf() > 0)) throw new Error(`it does not listen: ${output}`);
    },
    { timeout: 60_000, interval: 50 },
  );
  const port = portOf();
  const origin = `http://localhost:${port}`;
  if (setup.landscape) register(setup.landscape, origin);
  return {
    origin,
    port,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    async held() {
      const told = once(child, 'message');
      child.send('look');
      return (await told)[0] as Held;
    },
    expectAfloat(expected) {
      expect(child.exitCode, output).toBeNull();
      const fresh = output.slice(looked);
      looked = output.length;
      const told = fresh
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { level: string; code?: string; msg: string });
      const errors = told.filter(({ level, code = '' }) => level === 'error' && !expected.includes(code));
      expect(errors).toEqual([]);
      expect(fresh).not.toMatch(/^(?!\{).*(?:Warning|Error|unhandled|uncaught)/im);
    },
  };
}

/** Waits until the process holds no more sockets, timers and requests than before, give or take what is kept alive. */
export async function expectNothingLeft(router: Afloat, before: Held, spare = 4): Promise<void> {
  const count = ({ resources }: Held) => Object.values(resources).reduce((sum, each) => sum + each, 0);
  await vi.waitFor(
    async () => {
      const now = await router.held();
      expect(count(now), JSON.stringify([before.resources, now.resources])).toBeLessThanOrEqual(count(before) + spare);
    },
    { timeout: 12_000, interval: 250 },
  );
}
