import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { atEnd } from '../../../support/at-end.ts';
import { keepCompiled } from '../../../support/keep-compiled.ts';
import { prepareRouter, type RouterSetup } from './open-router.ts';

/** A router as a process of its own, as its owner starts it. */
export interface RunningRouter {
  /** 0 when it ended before it listened. */
  readonly port: number;
  readonly process: ChildProcess;
  /** All that it printed so far. */
  output(): string;
  /** Settles with the exit status. */
  readonly ended: Promise<number | null>;
}

const main = path.resolve(import.meta.dirname, '../../../../src/main.ts');

/** Starts it and waits until it listens or has ended. */
export async function runRouter(setup: RouterSetup): Promise<RunningRouter> {
  const { directory, variables } = prepareRouter(setup);
  const env = {
    ...keepCompiled,
    PATH: process.env['PATH'],
    ...variables,
    XS_APP_LOG_LEVEL: variables['REAL_LEVEL'] ?? 'info',
  };
  const child = spawn(process.execPath, [main], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  atEnd(() => child.kill('SIGKILL'));
  let output = '';
  let port = 0;
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const listening = new Promise<void>((done) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const line = output.split('\n').find((text) => text.includes('"listening"'));
      if (line === undefined || port !== 0) return;
      port = (JSON.parse(line) as { port: number }).port;
      done();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
  await Promise.race([listening, new Promise((done) => child.once('close', done))]);
  return { port, process: child, output: () => output, ended };
}
