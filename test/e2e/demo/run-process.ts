import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../../support/at-end.ts';
import { keepCompiled } from '../../support/keep-compiled.ts';

/** A program of the repository, run as its user runs it. */
export interface Process {
  readonly child: ChildProcess;
  /** Everything written so far. */
  output(): string;
  /** Resolves when a text has been written; rejects when the process ends before. */
  says(text: string): Promise<void>;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Names of the demo's working directories that lie about. */
  leftovers(): string[];
}

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a TypeScript file by the Node that runs the tests, with a directory for temporary files of its own. */
export function runProcess(file: string, args: readonly string[], variables: Record<string, string> = {}): Process {
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'portunus-test-'));
  const child = spawn(process.execPath, [file, ...args], {
    cwd: repository,
    env: { ...keepCompiled, PATH: process.env['PATH'], TMPDIR: temporary, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(temporary, { recursive: true, force: true });
  });
  return {
    child,
    output: () => output,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => output.includes(text) && resolve();
        child.stdout.on('data', look);
        look();
        void ended.then((status) => reject(new Error(`ended with ${status} before it said "${text}":\n${output}`)));
      }),
    ended,
    leftovers: () => readdirSync(temporary).filter((name) => name.startsWith('portunus-demo-')),
  };
}
