import path from 'node:path';
import type { Problems } from '../errors/config-error.ts';
import { jsonFault } from './json-fault.ts';
import { readTextFile } from './read-text-file.ts';

/** The environment as the house sees it: real variables over `default-env.json` (xs-app.md 1.1). */
export interface Environment {
  /** Value of a variable; an empty one counts as not set. */
  get(name: string): string | undefined;
}

/** The variables of this process: the one place that reads them. */
export function processVariables(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** The same, with what nobody has asked for until now. */
export interface ReadEnvironment extends Environment {
  unread(): readonly string[];
}

const file = 'default-env.json';

/**
 * Reads `default-env.json` of the working directory, whatever NODE_ENV says (xs-app.md 13.1 #10), and lays the
 * real environment over it. A value that is an object or array stands for its JSON text, null for none.
 */
export function readEnvironment(
  workingDirectory: string,
  problems: Problems,
  variables: Readonly<Record<string, string | undefined>>,
): ReadEnvironment {
  const merged = new Map<string, string>();
  for (const [name, value] of Object.entries(readDefaults(workingDirectory, problems))) {
    if (value !== null) merged.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) merged.set(name, value);
  const asked = new Set<string>();
  return Object.freeze({
    get(name: string) {
      asked.add(name);
      return merged.get(name) || undefined;
    },
    unread: () => [...merged.keys()].filter((name) => !asked.has(name)),
  });
}

function readDefaults(workingDirectory: string, problems: Problems): Record<string, unknown> {
  const text = readTextFile(path.join(workingDirectory, file), file, problems);
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
    problems.add(file, '', 'must be a JSON object whose properties become environment variables');
  } catch (cause) {
    problems.add(file, '', jsonFault(cause, text), 'invalid-json');
  }
  return {};
}
