import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareCheckouts } from './measure/compare-checkouts.ts';
import { guard } from './measure/guard.ts';
import { type Plan, plans } from './plan.ts';
import { profileRouter } from './profile/profile-router.ts';
import { comparisonTable, tellResult } from './report/tell-result.ts';
import { writeResult } from './report/write-result.ts';
import { runBench } from './run-bench.ts';

const usage = `usage: npm run bench [-- [--guard | --quick | --patience N] [--profile FILE | --against FOLDER…]]
  --guard           a quarter of a minute: fails when forwarding has become much more expensive
  --quick           two minutes instead of half an hour: rough figures
  --patience N      seconds to lose in waiting for a quiet machine and to repeat what was disturbed (default 600)
  --profile FILE    where the router's time goes, as a V8 profile and as a table
  --against FOLDER  this router and that of another checkout against each other
`;
const results = fileURLToPath(new URL('results', import.meta.url));

/** The process: measures, prints a table, writes JSON to bench/results/. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      guard: { type: 'boolean' },
      quick: { type: 'boolean' },
      patience: { type: 'string' },
      profile: { type: 'string' },
      against: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const usual: Plan = values.quick ? plans.quick : plans.full;
  const plan = values.patience === undefined ? usual : { ...usual, patience: Number(values.patience) };
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  if (values.guard) {
    const { ratio, least, holds } = await guard(plans.guard, tell);
    if (!holds) process.exitCode = 1;
    return say(`Forwarding has ${ratio.toFixed(2)} of the bare proxy's efficiency; at least ${least} is wanted.`);
  }
  if (values.profile !== undefined) return say(await profileRouter(values.profile, plan, tell));
  if (values.against !== undefined) return say(comparisonTable(await compareCheckouts(values.against, plan, tell)));
  const result = await runBench(plan, tell);
  say(`\n${tellResult(result)}\n\n${writeResult(results, result)}`);
}

main().catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
