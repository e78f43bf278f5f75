import type { Config } from '../config/config.ts';
import { tellIneffective } from '../config/ineffective-variables.ts';
import { type Problems, tellProblem } from '../errors/config-error.ts';
import type { Log } from '../observe/log.ts';

/** What is said beside the problems of a configuration, at start and whenever it is replaced. */
export function tellBeside({ environment }: Config, problems: Problems, log: Log): void {
  for (const warning of problems.warnings) log.warning(tellProblem(warning));
  const ineffective = tellIneffective(environment);
  if (ineffective !== undefined) log.notice(ineffective);
}
