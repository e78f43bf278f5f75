import type { Rule } from '../errors/config-error.ts';
import type { LintRule } from './rules.ts';

/** How bad: the router does not start; it starts, but probably does something else than meant; worth knowing. */
export type Level = 'error' | 'warning' | 'note';

/** Something to say about the configuration. */
export interface Finding {
  readonly rule: Rule | LintRule;
  readonly level: Level;
  /** File and JSON path, or variable and path inside it: `xs-app.json/routes/3/source`. */
  readonly at: string;
  /** Never a secret value. */
  readonly message: string;
}

/** A finding, and where it is on disk. */
export interface Located extends Finding {
  /** Relative to the working directory; undefined: in the environment of the process. */
  readonly file: string | undefined;
  /** Undefined: the whole file. */
  readonly region: Region | undefined;
}

/** Lines and columns begin at 1; the end is behind the last character. */
export interface Region {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
