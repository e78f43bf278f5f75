import { type Settings, variables } from '../config/settings.ts';

/** Settings of what stands as long as the process does: the doors, and what all connections trust. */
const startOnly = [
  'port',
  'bindAddress',
  'incomingRequestTimeout',
  'incomingConnectionTimeout',
  'serverKeepAlive',
  'caCertPath',
  'adminPort',
  'adminAddress',
  'inspector',
  'reload',
] as const satisfies readonly (keyof Settings)[];

/** The variables among those that have another value now; they count from the next start on. */
export function changedStartOnly(before: Settings, now: Settings): readonly string[] {
  return startOnly.filter((key) => before[key] !== now[key]).map((key) => variables[key].name);
}
