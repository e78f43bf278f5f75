import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { ConfigError, tellProblem } from '../src/errors/config-error.ts';
import type { Demo } from './start-demo.ts';
import { welcomeText } from './tell-welcome.ts';

// Compiled code is kept between starts; everything heavy is loaded after this line.
enableCompileCache();

const usage = `usage: npm run demo [-- --check]
  --check  start on free ports, walk every flow once, stop; exit status 0 when all of them worked
  PORT     variable: port of the router (default 5000)
`;

/** The process: starts the demo and stays until it is told to go, or checks it and goes. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return tell(usage);
  const { startDemo } = await import('./start-demo.ts');
  const { PORT = '5000', XS_APP_LOG_LEVEL } = process.env;
  const port = values.check ? 0 : Number(PORT);
  // Some steps of a check are refused on purpose; what the router logs of them stays out of the report as far as it can.
  const logLevel = XS_APP_LOG_LEVEL ?? (values.check ? 'error' : 'warn');
  if (values.check) process.exitCode = 1; // until it has worked: a check that is interrupted has not
  const starting = startDemo({ port, logLevel, progress: tell });
  const stop = stopOnSignal(starting);
  const demo = await starting;
  if (!values.check) return tell(welcomeText(demo.url, demo.landscape.users, demo.destinationService));
  const { checkDemo } = await import('./check/check-demo.ts');
  try {
    if (await checkDemo(demo.url, tell)) process.exitCode = 0;
  } finally {
    await stop();
  }
}

/** npm hands a Ctrl+C on that the terminal has sent already: only the first signal counts. */
function stopOnSignal(starting: Promise<Demo>): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= starting.then((demo) => demo.stop());
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop().then(() => process.exit(), fail);
    });
  }
  return stop;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(cause: unknown): void {
  process.stderr.write(`${reasonOf(cause)}\n`);
  process.exitCode = 1;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof ConfigError) return cause.problems.map(tellProblem).join('\n');
  const { code, port, message, stack } = cause as { code?: string; port?: number; message?: string; stack?: string };
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message}\n${usage}`;
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use. Stop what listens there, or choose another port: PORT=5001 npm run demo`;
  return stack ?? String(cause);
}

main().catch(fail);
