import { ConfigError, tellProblem } from '../errors/config-error.ts';

/** One text a problem. Of a defect its name and code: its message may quote what was read. */
export function problemsOf(cause: unknown): readonly string[] {
  if (cause instanceof ConfigError) return cause.problems.map(tellProblem);
  const { name = 'Error', code = '' } = (cause ?? {}) as { name?: string; code?: string };
  return [`it cannot be read: ${name} ${code}`.trim()];
}
