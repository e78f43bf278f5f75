#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, tellProblem } from './errors/config-error.ts';

// Compiled code is kept between starts: the second one takes half the time. Everything else is loaded after this line.
enableCompileCache();

const usage =
  'usage: portunus [start] [-w DIR]\n  -w DIR  working directory: where xs-app.json is (default: the current one)\n';

/** The process: which command, run it, stop on SIGTERM. Exit status 1 with every problem listed when anything is wrong. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { w: { type: 'string', short: 'w' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return void process.stdout.write(usage);
  const [command = 'start'] = positionals;
  if (command !== 'start') return fail(`unknown command "${command}"\n${usage}`);
  const [{ start }, { processVariables }] = await Promise.all([
    import('./commands/start.ts'),
    import('./config/environment.ts'),
  ]);
  const running = await start(path.resolve(values.w ?? '.'), processVariables());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      running.stop().then(() => process.exit(0), fail);
    });
  }
}

function fail(cause: unknown): void {
  process.exitCode = 1;
  if (cause instanceof ConfigError) {
    for (const problem of cause.problems) process.stderr.write(`${tellProblem(problem)}\n`);
    return;
  }
  const { code, message, port } = cause as { code?: string; message?: string; port?: number };
  const told =
    code === 'EADDRINUSE'
      ? `port ${port} is in use; set PORT to another one`
      : code === 'EACCES'
        ? `port ${port} may not be used by this user; set PORT to one above 1023`
        : (message ?? String(cause));
  process.stderr.write(`${told}\n`);
}

main().catch(fail);
