import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { type Command, UsageError } from './command.ts';

/** What a command line asks for. */
export type Asked =
  | { readonly kind: 'overview' }
  | { readonly kind: 'version' }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'help'; readonly name: string }
  | {
      readonly kind: 'run';
      readonly name: string;
      /** Of `-w`, as typed. */
      readonly directory: string | undefined;
      /** All the rest, for the command. */
      readonly args: readonly string[];
    };

/**
 * Finds the command in a command line: its first words that are no options. None means `start`.
 * @param words the command line without node and program
 * @throws UsageError for a command that there is not, with the one that was probably meant
 */
export function findCommand(words: readonly string[], table: Readonly<Record<string, Command>>): Asked {
  // Options of the command itself are unknown here, so nothing is judged but -w, help, and version where no command is.
  const { tokens } = parseArgs({
    args: [...words],
    options: {
      w: { type: 'string', short: 'w' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const ours = new Set<number>();
  let directory: string | undefined;
  let help = false;
  let version = false;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') break;
    if (token.kind === 'option' && token.name === 'help') help = true;
    if (token.kind === 'option' && token.name === 'version') version = true;
    if (token.kind !== 'option' || token.name !== 'w') continue;
    if (token.value === undefined) throw new UsageError('-w needs a directory');
    directory = token.value;
    ours.add(token.index);
    if (token.inlineValue === false) ours.add(token.index + 1);
  }
  const typed = tokens.flatMap((token) => (token.kind === 'positional' ? [token] : [])).slice(0, 2);
  const rest = (taken: number) => {
    for (const { index } of typed.slice(0, taken)) ours.add(index);
    return words.filter((_, index) => !ours.has(index));
  };
  const [first, second] = typed.map(({ value }) => value);
  if (first === undefined && version && !help) return { kind: 'version' };
  if (first === undefined)
    return help ? { kind: 'overview' } : { kind: 'run', name: 'start', directory, args: rest(0) };
  if (first === 'help') return second === undefined ? { kind: 'overview' } : helpOn(second, table);
  const pair = `${first} ${second}`;
  const taken = Object.hasOwn(table, pair) ? 2 : Object.hasOwn(table, first) ? 1 : 0;
  if (taken > 0) {
    const name = taken === 2 ? pair : first;
    return help ? { kind: 'help', name } : { kind: 'run', name, directory, args: rest(taken) };
  }
  if (isGroup(first, table) && second === undefined) return { kind: 'group', name: first };
  throw unknown(isGroup(first, table) ? pair : first, table);
}

function helpOn(name: string, table: Readonly<Record<string, Command>>): Asked {
  if (Object.hasOwn(table, name)) return { kind: 'help', name };
  if (isGroup(name, table)) return { kind: 'group', name };
  throw unknown(name, table);
}

/** Whether a word begins commands of two. */
function isGroup(word: string, table: Readonly<Record<string, Command>>): boolean {
  return Object.keys(table).some((name) => name.startsWith(`${word} `));
}

function unknown(name: string, table: Readonly<Record<string, Command>>): UsageError {
  const names = Object.keys(table);
  const words = name.includes(' ') ? names : [...new Set(names.map((one) => one.split(' ')[0] ?? one))];
  const meant = nearest(name, words);
  return new UsageError(`unknown command "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`);
}
