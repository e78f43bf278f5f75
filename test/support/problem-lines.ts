import { type ConfigError, type Problems, tellProblem } from '../../src/errors/config-error.ts';

/** Problems that a parser added, one line each as on the terminal; nothing wrong: an empty list. */
export function problemLines(problems: Problems): readonly string[] {
  try {
    problems.throwIfAny();
    return [];
  } catch (cause) {
    return (cause as ConfigError).problems.map(tellProblem);
  }
}
