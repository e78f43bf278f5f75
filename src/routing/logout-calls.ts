import { nearest } from '../config/nearest.ts';
import type { XsApp } from '../config/xs-app/xs-app-schema.ts';
import type { Problems } from '../errors/config-error.ts';

/**
 * Destinations to call at logout, by name. One that does not exist is not called, and a warning says so: the approuter starts
 * with it (xs-app.md 1.2 refuses unknown names of routes only). Nothing is said where a Destination service may have it.
 */
export function logoutCalls(
  entries: NonNullable<XsApp['destinations']>,
  known: {
    readonly names: readonly string[];
    readonly setAside?: ReadonlyMap<string, { readonly why: string }>;
    readonly elsewhere?: boolean;
  },
  problems: Problems,
): { name: string; path: string; method: 'POST' | 'PUT' | 'GET' }[] {
  const calls = [];
  for (const [name, { logoutPath, logoutMethod }] of Object.entries(entries)) {
    const unusable = known.setAside?.get(name);
    if (unusable) problems.add('xs-app.json', `destinations/${name}`, `cannot be used: ${unusable.why}`);
    else if (!known.elsewhere && !known.names.includes(name)) {
      const guess = nearest(name, known.names);
      problems.warn(
        'xs-app.json',
        `destinations/${name}`,
        `there is no such destination, so that none is called at logout${guess ? `; did you mean "${guess}"?` : ''}`,
        'unknown-destination',
      );
    } else if (logoutPath !== undefined) calls.push({ name, path: logoutPath, method: logoutMethod ?? 'POST' });
  }
  return calls;
}
