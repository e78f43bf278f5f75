import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CommandCall, UsageError } from './command.ts';

/**
 * Reads the value of an option that is a secret: `@FILE` that holds it, `env:NAME`, or itself, which others on the machine
 * can see while the command runs.
 * @throws UsageError when the variable is not set or empty, Error when the file cannot be read
 */
export async function readPassword(
  given: string | undefined,
  { workingDirectory, variables }: Pick<CommandCall, 'workingDirectory' | 'variables'>,
): Promise<string | undefined> {
  if (given === undefined) return undefined;
  if (given.startsWith('@')) {
    const file = path.resolve(workingDirectory, given.slice(1));
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  }
  if (!given.startsWith('env:')) return given;
  const value = variables[given.slice('env:'.length)];
  if (!value) throw new UsageError(`the variable ${given.slice('env:'.length)} is not set`);
  return value;
}
