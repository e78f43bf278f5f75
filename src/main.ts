#!/usr/bin/env node
import module from 'node:module';
import { isatty } from 'node:tty';
import { ConfigError, tellProblem } from './errors/config-error.ts';
import { unfitNode } from './unfit-node.ts';

// Compiled code is kept between starts: the second one takes half the time. Everything else is loaded after this line.
module.enableCompileCache?.();

/** The process: run the command, stop on SIGTERM. Exit status 1 with every problem listed when anything is wrong. */
async function main(): Promise<void> {
  const unfit = unfitNode(process.versions.node);
  if (unfit !== undefined) throw new Error(`${unfit} (${process.execPath})`);
  const { runCommand } = await import('./commands/run-command.ts');
  const end = await runCommand(
    process.argv.slice(2),
    (text) => void process.stdout.write(text),
    (text) => void process.stderr.write(text),
  );
  if (typeof end === 'number') {
    process.exitCode = end;
    return;
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      end.stop().then(() => process.exit(0), fail);
    });
  }
  // A terminal that is closed ends what runs in it, as ever; elsewhere the signal means what it means to daemons.
  const { reload } = end;
  if (reload !== undefined && ![0, 1, 2].some(isatty)) process.on('SIGHUP', () => void reload());
}

function fail(cause: unknown): void {
  process.exitCode = 1;
  if (cause instanceof ConfigError) {
    for (const problem of cause.problems) process.stderr.write(`${tellProblem(problem)}\n`);
    return;
  }
  const { code = '', message = String(cause), syscall, path } = cause as NodeJS.ErrnoException;
  // A name is looked up at the start for nothing else: what is connected to is connected to later.
  const listening = syscall === 'listen' || syscall === 'getaddrinfo';
  const told = listening ? notListening[code]?.(cause as Listening) : path && notRead[code]?.(path);
  process.stderr.write(`${told || message}\n`);
}

interface Listening {
  readonly port: number;
  readonly address: string;
  readonly hostname: string;
}

/** Why nothing can be listened to, and the cure. */
const notListening: Readonly<Record<string, (where: Listening) => string>> = {
  EADDRINUSE: ({ port }) => `port ${port} is in use; set PORT to another one`,
  EACCES: ({ port }) => `port ${port} may not be used by this user; set PORT to one above 1023`,
  EADDRNOTAVAIL: ({ address }) => `XS_BIND_ADDRESS: ${address} is no address of this machine; set one that is`,
  ENOTFOUND: ({ hostname }) => `XS_BIND_ADDRESS: there is no host ${hostname}; set an address of this machine`,
};

/** Files that a command line names; those of the configuration are problems with a place. */
const notRead: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no file ${path}`,
  ENOTDIR: (path) => `there is no file ${path}`,
  EACCES: (path) => `${path} may not be read or written by this user`,
};

main().catch(fail);
