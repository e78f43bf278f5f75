import { type Compiled, compileConfig } from '../compile-config.ts';
import { type Config, readConfig } from '../config/config.ts';
import { lookAtDefaultTrust } from '../config/key-store-trust-unwritten.ts';
import { Problems, tellProblem } from '../errors/config-error.ts';
import type { CommandCall } from './command.ts';

/** A configuration to be explained; its problems are told, and it is explained as far as it goes. Writes nothing. */
export interface ReadToExplain {
  readonly config: Config;
  readonly compiled: Compiled;
  /** 1 when the router would not start with it, else 0. */
  readonly status: number;
}

export async function readToExplain({ workingDirectory, variables, tell }: CommandCall): Promise<ReadToExplain> {
  const problems = new Problems();
  const trust = lookAtDefaultTrust(workingDirectory);
  const config = await readConfig(workingDirectory, problems, variables, undefined, trust);
  const compiled = compileConfig(config, problems);
  for (const problem of problems.list) tell(`error: ${tellProblem(problem)}\n`);
  if (problems.count > 0)
    tell('The router does not start with this configuration ("portunus check"); the rest is explained.\n');
  return { config, compiled, status: problems.count > 0 ? 1 : 0 };
}
