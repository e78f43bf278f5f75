import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Binding } from '../config/binding.ts';
import type { Environment } from '../config/environment.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Problems } from '../errors/config-error.ts';
import { isProcessed, type Replacement, unknownPlaceholders } from './replacement.ts';

/** Files looked through at start for placeholders that nothing stands for; a larger folder is not worth the wait. */
const fileLimit = 2_000;

/** Where the values of placeholders come from. */
export interface ReplacementSources {
  readonly environment: Environment;
  readonly bindings: readonly Binding[];
  readonly workingDirectory: string;
  readonly problems: Problems;
}

/**
 * Compiles `replace` of a static route. A service that is not bound is a problem; a placeholder that nothing stands for
 * is a warning that names file, route and variable (xs-app.md 13.1 #9).
 * @param at where the route stands, e.g. `routes/3`
 */
export function compileReplacement(
  { replace, localDir }: RouteEntry,
  at: string,
  sources: ReplacementSources,
): Replacement | undefined {
  if (replace === undefined || localDir === undefined) return undefined;
  const { environment, problems } = sources;
  const values = new Map<string, string>();
  for (const name of replace.vars ?? []) {
    const value = environment.get(name);
    if (value === undefined)
      problems.warn(
        'xs-app.json',
        `${at}/replace/vars`,
        `the environment variable ${name} is not set`,
        'unset-variable',
      );
    values.set(name, value ?? '');
  }
  for (const [name, query] of Object.entries(replace.services ?? {})) {
    if (replace.vars?.includes(name))
      problems.add('xs-app.json', `${at}/replace/services/${name}`, 'is a name in "vars" too; rename one of the two');
    const binding = sources.bindings.find((candidate) => fits(candidate, query));
    if (binding === undefined)
      problems.add(
        'xs-app.json',
        `${at}/replace/services/${name}`,
        'no bound service fits; bind it, or correct the query',
      );
    else for (const [property, value] of flatten(binding.credentials)) values.set(`${name}.${property}`, value);
  }
  const replacement = Object.freeze({ pathSuffixes: replace.pathSuffixes, values });
  warnOfUnknown(replacement, at, path.join(sources.workingDirectory, localDir), problems);
  return replacement;
}

/** Every property of the query must be the binding's: `name`, `label`, `plan` as they are, `tag` among its tags. A text is a name. */
function fits(binding: Binding, query: string | Readonly<Record<string, unknown>>): boolean {
  if (typeof query === 'string') return binding.name === query;
  return Object.entries(query).every(([property, wanted]) => {
    if (property === 'tag') return binding.tags.includes(String(wanted));
    if (property === 'name' || property === 'label' || property === 'plan') return binding[property] === wanted;
    return false;
  });
}

function* flatten(credentials: Readonly<Record<string, unknown>>, prefix = ''): Generator<[string, string]> {
  for (const [name, value] of Object.entries(credentials)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield* flatten(value as Record<string, unknown>, `${prefix}${name}.`);
    yield [`${prefix}${name}`, typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)];
  }
}

function warnOfUnknown(replacement: Replacement, at: string, root: string, problems: Problems): void {
  let files: string[];
  try {
    files = readdirSync(root, { recursive: true, encoding: 'utf8' }).slice(0, fileLimit);
  } catch {
    return; // a missing folder was reported as such
  }
  for (const file of files.map((name) => name.split(path.sep).join('/'))) {
    if (!isProcessed(replacement, `/${file}`)) continue;
    try {
      const unknown = unknownPlaceholders(replacement, readFileSync(path.join(root, file), 'utf8'));
      for (const name of unknown)
        problems.warn('xs-app.json', `${at}/replace`, `${file}: nothing stands for {{${name}}}; it will be empty`);
    } catch {
      // a folder whose name ends like a file
    }
  }
}
