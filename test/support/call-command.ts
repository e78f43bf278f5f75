import type { Run } from '../../src/commands/command.ts';

/** What came of a command. */
export interface Called {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command that ends by itself, as the command line does, and keeps what it says. @throws what the command throws */
export async function callCommand(
  run: Run,
  workingDirectory: string,
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<Called> {
  const [out, err]: [string[], string[]] = [[], []];
  const write = (text: string) => void out.push(text);
  const tell = (text: string) => void err.push(text);
  const status = await run({ workingDirectory, args, variables, write, tell });
  if (typeof status !== 'number') throw new Error('the command has not ended');
  return { status, out: out.join(''), err: err.join('') };
}
