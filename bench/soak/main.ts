import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine/describe-machine.ts';
import { writeJson } from '../report/write-json.ts';
import { judgeSoak } from './judge-soak.ts';
import { planFor } from './plan.ts';
import { runSoak } from './run-soak.ts';
import { tellSoak } from './tell-soak.ts';

const usage = `usage: npm run soak [-- --seconds N] [--redis] [--heap FOLDER] [--leak BYTES]
  --seconds N    how long (default 600, at least 30); longer by up to twice as much when growth cannot be told at once
  --redis        sessions in a Redis (redis-server) instead of memory
  --heap FOLDER  heap snapshots after the warm-up and at the end, with nobody there: to compare in Chrome's developer tools
  --leak BYTES   keeps as much of each request on purpose: shows that a leak is found
`;
const results = fileURLToPath(new URL('../results', import.meta.url));
/** Shorter ones have too few looks to judge anything by. */
const shortest = 30;

/** The process: exit status 1 when anything does not hold. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '600' },
      redis: { type: 'boolean', default: false },
      heap: { type: 'string' },
      leak: { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const [seconds, leak] = [Number(values.seconds), Number(values.leak)];
  if (!(seconds >= shortest) || !(leak >= 0)) throw new Error(usage);
  const { heap } = values;
  const files =
    heap === undefined
      ? undefined
      : {
          async write(name: string, take: () => Promise<string>) {
            writeFileSync(path.join(heap, `${name}.heapsnapshot`), await take());
          },
        };
  // Whoever breaks it off leaves nothing running behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const [date, machine] = [new Date().toISOString(), describeMachine()];
  const record = await runSoak(planFor(seconds, values.redis ? 'redis' : 'memory', leak), tell, files);
  const verdicts = judgeSoak(record);
  const file = writeJson(results, date, `soak-${record.plan.sessionsIn}`, { date, machine, verdicts, ...record });
  process.stdout.write(`\n${tellSoak(record, machine)}\n\n${file}\n`);
  if (verdicts.some(({ holds }) => !holds)) process.exitCode = 1;
}

main().catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
