import type { Command } from './command.ts';

const directory = '-w DIR  working directory: where xs-app.json is (default: the current one)';

/** All commands, by what is typed after `portunus`: one word, or two. Listed by `--help` in this order. */
export const commandTable: Readonly<Record<string, Command>> = {
  start: {
    summary: 'start the router (also without any command)',
    usage: '[-w DIR]',
    options: [directory],
    load: () => import('./start.ts'),
  },
};
