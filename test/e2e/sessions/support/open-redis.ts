import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import { atEnd } from '../../../support/at-end.ts';

/** A redis-server of the test's own, on a free port of loopback, in a directory of its own. */
export interface Redis {
  readonly port: number;
  readonly url: string;
  readonly directory: string;
  readonly options: readonly string[];
  /** Starts it again on the same port, with what it has on disk. */
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Stops the process where it stands (SIGSTOP), or lets it go on: a Redis that hangs. */
  freeze(): void;
  thaw(): void;
  /** A command by hand. @returns the first line of the answer */
  tell(...words: string[]): Promise<string>;
}

export interface RedisSetup {
  /** Further options of redis-server. */
  readonly options?: readonly string[];
  readonly port?: number;
  /** Files of its directory, made before it starts. */
  readonly directory?: string;
  /** Its configuration file. */
  readonly config?: string;
}

/** Starts a redis-server; it is killed when the test file is done. */
export async function openRedis({ options = [], port, directory, config }: RedisSetup = {}): Promise<Redis> {
  const at = port ?? (await freePort());
  const home = directory ?? mkdtempSync(path.join(tmpdir(), 'redis-'));
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const start = async () => {
    const always = ['--bind', '127.0.0.1', '--dir', home, '--daemonize', 'no', '--port', String(at)];
    const named = config === undefined ? ['--save', ''] : [];
    const file = config === undefined ? [] : [config];
    child = spawn('redis-server', [...file, ...always, ...named, ...options], { stdio: 'ignore' });
    await listening(options.includes('--tls-port') ? Number(options[options.indexOf('--tls-port') + 1]) : at);
  };
  atEnd(async () => {
    await kill();
    rmSync(home, { recursive: true, force: true });
  });
  await start();
  return {
    port: at,
    url: `redis://127.0.0.1:${at}`,
    directory: home,
    options,
    start,
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    tell: (...words) => tell(at, words),
  };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function listening(port: number): Promise<void> {
  const attempt = () =>
    new Promise<void>((connected, failed) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        connected();
      }).once('error', failed);
    });
  return vi.waitFor(attempt, { timeout: 5_000, interval: 20 });
}

function tell(port: number, words: readonly string[]): Promise<string> {
  return new Promise((told, failed) => {
    const socket = connect(port, '127.0.0.1');
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${words.length}\r\n${parts.join('')}`);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\r\n')) return;
      socket.destroy();
      told(text.split('\r\n', 1)[0] ?? '');
    });
    socket.once('error', failed);
  });
}
