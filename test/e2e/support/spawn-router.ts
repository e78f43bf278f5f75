import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../../support/at-end.ts';
import { keepCompiled } from '../../support/keep-compiled.ts';
import { prepare, type RouterSetup, register } from './open-router.ts';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

/** A router that is a process of its own. */
export interface RouterProcess {
  readonly pid: number;
  readonly port: number;
  /** `http://localhost:PORT`. */
  readonly origin: string;
  /** Everything it has written, both streams. */
  output(): string;
  /** Exit status; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts `node src/main.ts` for a setup and waits until it listens; it is killed when the test file is done. */
export async function spawnRouter(setup: RouterSetup): Promise<RouterProcess> {
  const { directory, variables } = await prepare({ ...setup, env: { XS_APP_LOG_LEVEL: 'debug', ...setup.env } });
  const router = await listening(launch(['start', '-w', directory], { cwd: '/', env: variables }));
  if (setup.landscape) register(setup.landscape, router.origin);
  return router;
}

export interface Launch {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Launched {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
}

function launch(args: readonly string[], { cwd, env = {} }: Launch): Launched {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...keepCompiled, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const exited = once(child, 'close').then(([code]) => code as number | null);
  atEnd(() => child.exitCode ?? child.kill('SIGKILL'));
  return { child, exited, output: () => output };
}

/** Starts a router that is to listen. @throws Error with what it wrote, when it ends instead */
export async function launchListening(args: readonly string[], options: Launch): Promise<RouterProcess> {
  return listening(launch(args, options));
}

async function listening({ child, exited, output }: Launched): Promise<RouterProcess> {
  const portOf = () => /"port":(\d+)[^\n]*"msg":"listening"/.exec(output())?.[1];
  const started = new Promise<void>((ready) => child.stdout?.on('data', () => portOf() && ready()));
  await Promise.race([started, exited.then(() => Promise.reject(new Error(`it ended: ${output()}`)))]);
  const port = Number(portOf());
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  return { pid: child.pid ?? 0, port, origin: `http://localhost:${port}`, output, exited, kill };
}

/** What came of a start that is to end by itself. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `node src/main.ts` to its end. */
export async function runRouter(args: readonly string[], { cwd, env = {} }: Launch): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...keepCompiled, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(() => child.exitCode ?? child.kill('SIGKILL'));
  const [out, err] = [[] as Buffer[], [] as Buffer[]];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}
