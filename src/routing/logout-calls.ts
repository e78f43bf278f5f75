import { nearest } from '../config/nearest.ts';
import type { XsApp } from '../config/xs-app/xs-app-schema.ts';
import type { Problems } from '../errors/config-error.ts';

/**
 * Destinations to call at logout, by name; one that does not exist is a problem (xs-app.md section 2, `destinations`), unless
 * a Destination service may have it.
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
      problems.add(
        'xs-app.json',
        `destinations/${name}`,
        `there is no such destination${guess ? `; did you mean "${guess}"?` : ''}`,
        'unknown-destination',
      );
    } else if (logoutPath !== undefined) calls.push({ name, path: logoutPath, method: logoutMethod ?? 'POST' });
  }
  return calls;
}
