import { AppError } from './app-error.ts';

/**
 * What kind of thing is wrong, for tools that sort, filter and look up (docs/tools/check.md explains each). `invalid-value` and
 * `doubtful-value` are all that need no name of their own.
 */
export type Rule =
  | 'invalid-value'
  | 'doubtful-value'
  | 'invalid-json'
  | 'unknown-property'
  | 'missing-file'
  | 'unset-variable'
  | 'unknown-destination'
  | 'login-impossible'
  | 'key-store'
  | 'certificate-expires';

/** One thing wrong with the configuration, told so that it can be mended without looking anything up. */
export interface Problem {
  /** File name relative to the working directory, or the name of the environment variable. */
  readonly file: string;
  /** JSON path inside it, e.g. `routes/3/source`; empty for the whole file. */
  readonly path: string;
  /** What is wrong and what to do instead, one sentence or two. Never a secret value. */
  readonly message: string;
  readonly rule: Rule;
}

/** All problems of a start, thrown together (design section 3: one a line, exit 1). */
export class ConfigError extends AppError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super({ code: 'ERR_CONFIGURATION', status: 500, detail: problems.map(tellProblem).join('\n') });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** One line: `xs-app.json/routes/3/source: message`. */
export function tellProblem({ file, path, message }: Omit<Problem, 'rule'>): string {
  return `${file}${path === '' ? '' : `/${path}`}: ${message}`;
}

/** Where parsers put what they find, so that every problem is reported and not only the first. */
export class Problems {
  readonly #list: Problem[] = [];
  readonly #warnings: Problem[] = [];

  add(file: string, path: string, message: string, rule: Rule = 'invalid-value'): void {
    this.#list.push({ file, path, message, rule });
  }

  warn(file: string, path: string, message: string, rule: Rule = 'doubtful-value'): void {
    this.#warnings.push({ file, path, message, rule });
  }

  get warnings(): readonly Problem[] {
    return this.#warnings;
  }

  get list(): readonly Problem[] {
    return this.#list;
  }

  get count(): number {
    return this.#list.length;
  }

  /** @throws ConfigError when anything was added. */
  throwIfAny(): void {
    if (this.#list.length > 0) throw new ConfigError(this.#list);
  }
}
