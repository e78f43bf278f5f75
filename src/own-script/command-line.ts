import { parseArgs } from 'node:util';

/** The command line of an own start script: the router's `-w`, and what the script adds (xs-app.md section 11, `cmdParser`). */
export interface CommandLine {
  /**
   * Adds an option.
   * @param flags as in a usage text: `-b, --berth <name>` takes a value, `--loud` is set or not
   * @throws TypeError when nothing like `--name` is in it
   */
  option(flags: string, description?: string): CommandLine;
  /** What was given, by long name. */
  opts(): Readonly<Record<string, string | boolean>>;
}

interface Declared {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
}

/**
 * @param args what stands behind the script's name. Options that nobody declared are left to whom they are for: the script
 * may run below a tool with options of its own
 */
export function createCommandLine(args: readonly string[]): CommandLine {
  const declared: Record<string, Declared> = {};
  const line: CommandLine = {
    option(flags) {
      const name = /--([a-z][\w-]*)/i.exec(flags)?.[1];
      if (name === undefined) throw new TypeError(`"${flags}" names no option; write it as "-b, --berth <name>"`);
      const short = /(?:^|\s|,)-(\w)\b/.exec(flags)?.[1];
      declared[name] = { type: /[<[]/.test(flags) ? 'string' : 'boolean', ...(short === undefined ? {} : { short }) };
      return line;
    },
    opts() {
      const { tokens = [] } = parseArgs({ args: [...args], options: declared, strict: false, tokens: true });
      const given: Record<string, string | boolean> = {};
      for (const token of tokens) {
        if (token.kind !== 'option') continue;
        const known = Object.hasOwn(declared, token.name) ? declared[token.name] : undefined;
        if (known === undefined) continue;
        if (known.type === 'boolean') given[token.name] = true;
        else if (token.value !== undefined) given[token.name] = token.value;
      }
      return given;
    },
  };
  return line.option('-w, --workingDir <folder>', 'where xs-app.json is');
}
