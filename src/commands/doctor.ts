import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { readConfig } from '../config/config.ts';
import { environmentProxy } from '../config/forward-proxy.ts';
import { Problems, tellProblem } from '../errors/config-error.ts';
import { type CommandCall, type Run, UsageError } from './command.ts';
import { examineDestination } from './doctor/examine-destination.ts';
import { examineProvider } from './doctor/examine-provider.ts';
import { examineRedis } from './doctor/examine-redis.ts';
import { examineService } from './doctor/examine-service.ts';
import { isFormat, outcomeOf, reports } from './doctor/report.ts';
import { runLimited } from './doctor/run-limited.ts';
import { type Examination, take } from './doctor/step.ts';
import { type OpenDestinations, openDestinations } from './open-destinations.ts';
import { principalOf } from './try-destination.ts';

/**
 * `portunus doctor [DESTINATION]`: looks at everything this working directory depends on, from DNS to an answer, as the
 * router would reach it. Exit 1 when anything fails.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: {
      'user-token': { type: 'string' },
      path: { type: 'string', default: '' },
      format: { type: 'string', default: 'table' },
      timeout: { type: 'string', default: '10' },
      parallel: { type: 'string', default: '4' },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError('name one destination, or none for all');
  const { format } = values;
  if (!isFormat(format)) throw new UsageError(`--format must be one of ${Object.keys(reports).join(', ')}`);
  const limit = 1000 * numberIn('timeout', values.timeout, 0.1, 600);
  const parallel = Math.floor(numberIn('parallel', values.parallel, 1, 64));
  const principal = await principalOf(values['user-token'], call);
  const open = await openDestinations(call);
  try {
    const destinations = (name === undefined ? open.configured.names : [name]).map((one) => ({
      subject: one,
      examine: () => examineDestination(open, { name: one, principal, path: values.path, limit }),
    }));
    const surroundings = name === undefined ? await examineSurroundings(call, open, limit) : [];
    const found = await inTurn(call, parallel, [...surroundings, ...destinations]);
    call.write(reports[format](found, isatty(1) && !call.variables['NO_COLOR']));
    return found.some((one) => outcomeOf(one) === 'failed') ? 1 : 0;
  } finally {
    await open.close();
  }
};

interface Work {
  readonly subject: string;
  readonly examine: () => Promise<Examination>;
}

/** What is not a destination: the configuration itself, providers, Redis, the bound Destination service. */
async function examineSurroundings(
  { workingDirectory, variables }: CommandCall,
  open: OpenDestinations,
  limit: number,
): Promise<readonly Work[]> {
  const problems = new Problems();
  // Routes are another command's business ("portunus check"), and there need be none.
  const config = await readConfig(workingDirectory, problems, variables, {});
  const { providers, externalSessions, destinationService, environment } = config;
  const proxyOf = (url: URL) => environmentProxy(url, environment.get);
  const configuration: Work = {
    subject: 'configuration',
    examine: async () => ({
      subject: 'configuration',
      steps: await Promise.all(
        problems.list.map((problem) =>
          take('problem', limit, () => ({ outcome: 'failed', told: tellProblem(problem) })),
        ),
      ),
    }),
  };
  return [
    ...(problems.count > 0 ? [configuration] : []),
    ...providers.map((provider) => ({
      subject: `provider ${provider.name}`,
      examine: () => examineProvider(provider, proxyOf, limit),
    })),
    ...(externalSessions ? [{ subject: 'Redis', examine: () => examineRedis(externalSessions, limit) }] : []),
    ...(destinationService
      ? [{ subject: 'Destination service', examine: () => examineService(open, destinationService, limit) }]
      : []),
  ];
}

/** Some at a time, and told beside how far it is: on a terminal in one line that is written over. */
async function inTurn({ tell }: CommandCall, parallel: number, work: readonly Work[]): Promise<Examination[]> {
  const live = isatty(2);
  let done = 0;
  const found = await runLimited(
    parallel,
    work.map(({ subject, examine }) => async () => {
      const examination = await examine();
      done += 1;
      const line = `${done} of ${work.length}: ${subject} ${outcomeOf(examination)}`;
      tell(live ? `\r\x1b[K${line}` : `${line}\n`);
      return examination;
    }),
  );
  if (live) tell('\r\x1b[K');
  return found;
}

function numberIn(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw new UsageError(`--${option} must be a number from ${least} to ${most}`);
}
