import type { Command } from './command.ts';

/** The list of all commands, or of those that begin with a word. */
export function tellOverview(table: Readonly<Record<string, Command>>, group?: string): string {
  const listed = Object.entries(table).filter(([name]) => group === undefined || name.startsWith(`${group} `));
  const width = Math.max(...listed.map(([name]) => name.length));
  const lines = listed.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `${[
    `usage: portunus [${group ?? 'COMMAND'}${group === undefined ? '' : ' …'}] [-w DIR]`,
    '',
    ...lines,
    '',
    'portunus COMMAND --help tells the options of one, portunus --version which this is.',
  ].join('\n')}\n`;
}

/** How one command is called. */
export function tellUsage(name: string, { summary, usage, options = [] }: Command): string {
  const lines = [`usage: portunus ${name} ${usage}`.trimEnd(), `  ${summary}`];
  return `${[...lines, ...options.map((line) => `  ${line}`)].join('\n')}\n`;
}
