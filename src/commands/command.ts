/** What the command line can be asked for. One file a command; the table names them all and loads the one that is wanted. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the name, e.g. `[--port P] [-w DIR]`. */
  readonly usage: string;
  /** One line an option, for `--help` of this command. */
  readonly options?: readonly string[];
  /** Loads the command's file: none costs the start of another anything. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

/**
 * Does what was asked for.
 * @returns an exit status (0 done, 1 something is wrong), or what now runs until the process is asked to stop
 * @throws UsageError (exit 2), ConfigError (exit 1, each problem on its own line), or anything else (exit 1, its message)
 */
export type Run = (call: CommandCall) => Promise<number | Standing>;

/** Something that runs until it is stopped. */
export interface Standing {
  /** Ends it in good order. */
  stop(): Promise<void>;
  /** Reads its configuration anew (SIGHUP); absent where it never does. */
  readonly reload?: (() => Promise<unknown>) | undefined;
}

export interface CommandCall {
  /** Absolute; of `-w DIR`, default the current directory. */
  readonly workingDirectory: string;
  /** What stands behind the command's name, without `-w DIR`: for `parseArgs`, whose errors are answered with the usage. */
  readonly args: readonly string[];
  /** The environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** To standard output: what was asked for. */
  readonly write: (text: string) => void;
  /** To standard error: what is said beside it. */
  readonly tell: (text: string) => void;
}

/** The command line cannot be understood; answered with the usage and exit status 2. */
export class UsageError extends Error {}
