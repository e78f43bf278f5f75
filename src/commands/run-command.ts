import path from 'node:path';
import { processVariables } from '../config/environment.ts';
import { type Standing, UsageError } from './command.ts';
import { commandTable } from './command-table.ts';
import { findCommand } from './find-command.ts';
import { ownVersion } from './own-version.ts';
import { tellOverview, tellUsage } from './tell-help.ts';

/**
 * Runs what a command line asks for.
 * @param words the command line without node and program
 * @returns the exit status, or what now runs
 * @throws what the command throws, save for errors of the command line
 */
export async function runCommand(
  words: readonly string[],
  write: (text: string) => void,
  tell: (text: string) => void,
): Promise<number | Standing> {
  let usage = 'portunus --help lists the commands.\n';
  try {
    const asked = findCommand(words, commandTable);
    if (asked.kind === 'overview' || asked.kind === 'group') {
      write(tellOverview(commandTable, asked.kind === 'group' ? asked.name : undefined));
      return 0;
    }
    if (asked.kind === 'version') {
      write(`${ownVersion()}\n`);
      return 0;
    }
    const command = commandTable[asked.name];
    if (command === undefined) throw new UsageError(`unknown command "${asked.name}"`);
    usage = tellUsage(asked.name, command);
    if (asked.kind === 'help') {
      write(usage);
      return 0;
    }
    const { run } = await command.load();
    const { args } = asked;
    const workingDirectory = path.resolve(asked.directory ?? '.');
    return await run({ workingDirectory, args, variables: processVariables(), write, tell });
  } catch (cause) {
    if (!isUsageError(cause)) throw cause;
    tell(`${(cause as Error).message}\n${usage}`);
    return 2;
  }
}

/** Ours, or that of node:util's parseArgs. */
function isUsageError(cause: unknown): boolean {
  const { code } = cause as { code?: unknown };
  return cause instanceof UsageError || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS_'));
}
