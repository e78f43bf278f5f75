import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';

/** What to run, and where. */
export interface Program {
  readonly command: readonly [file: string, ...args: readonly string[]];
  /** Default: it runs where the system lets it. */
  readonly core?: number | undefined;
  /** The whole environment besides PATH: bindings of the shell this is called from must not leak in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Told each piece that it writes. */
  readonly hear?: (text: string, stream: 'stdout' | 'stderr') => void;
  /** Port at which it listens once it is ready. */
  readonly port: number;
}

/** A process on a core of its own choosing: it and its threads run nowhere else. */
export interface Pinned {
  readonly pid: number;
  /** Its exit status, once it has ended; null: a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Asks it to end, and makes it end after ten seconds. */
  stop(): Promise<void>;
}

const patience = 60_000;

/** Starts a program and waits until it listens. @throws Error with what it said last, when it ends or stays silent */
export async function startPinned(program: Program): Promise<Pinned> {
  const { child, said } = spawnPinned(program);
  const stop = () => endOf(child);
  const exited = new Promise<number | null>((ended) => child.once('exit', ended));
  const until = performance.now() + patience;
  while (!(await listens(program.port))) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < until) {
      await new Promise((go) => setTimeout(go, 20));
      continue;
    }
    await stop();
    throw new Error(`${program.command.join(' ')} does not listen on port ${program.port}\n${said()}`);
  }
  return { pid: child.pid ?? 0, exited, stop };
}

/** Starts a program and leaves it to the caller when it is ready. */
export function spawnPinned({ command, core, env = {}, cwd, hear }: Program) {
  const { PATH = '', LD_LIBRARY_PATH } = process.env;
  const [file, ...args] = core === undefined ? command : (['taskset', '-c', String(core), ...command] as const);
  const child = spawn(file, args, {
    env: { PATH, ...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let text = '';
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2_000);
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', keep);
    child[stream].on('data', (chunk: Buffer) => hear?.(chunk.toString(), stream));
  }
  child.on('error', (cause) => keep(Buffer.from(cause.message)));
  return { child, said: () => text, stop: () => endOf(child) };
}

function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((ended) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(timer);
      ended();
    });
    child.kill('SIGTERM');
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((told) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => told(true)).once('error', () => told(false));
    socket.once('connect', () => socket.destroy());
  });
}
