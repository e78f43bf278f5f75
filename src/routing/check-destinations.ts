import { nearest } from '../config/nearest.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Problems } from '../errors/config-error.ts';
import { isDynamic } from './compile-route.ts';

/**
 * Every destination that a route names must be there; names made of the request are looked up then (xs-app.md 1.2), and so
 * are all others where a Destination service is bound: the start does not need it.
 * @param file where the routes stand, e.g. `xs-app.json/routes`
 */
export function checkDestinations(
  file: string,
  routes: readonly Pick<RouteEntry, 'destination'>[],
  known: {
    readonly names: readonly string[];
    readonly claimed?: ReadonlySet<string>;
    readonly setAside?: ReadonlyMap<string, { readonly why: string }>;
    /** A Destination service may have others. */
    readonly elsewhere?: boolean;
    /** Others may stand where nothing could be read, which was reported. */
    readonly unread?: boolean;
  },
  hasHostPattern: boolean,
  problems: Problems,
): void {
  for (const [index, { destination }] of routes.entries()) {
    if (destination === '*' && !hasHostPattern)
      problems.add(
        file,
        `${index}/destination`,
        'is taken from the host, but DESTINATION_HOST_PATTERN is not set; set it',
      );
    if (destination === undefined || isDynamic(destination) || known.names.includes(destination)) continue;
    const unusable = known.setAside?.get(destination);
    if (unusable) {
      problems.add(file, `${index}/destination`, `"${destination}" cannot be used: ${unusable.why}`);
      continue;
    }
    if (known.unread || known.claimed?.has(destination)) continue; // reported where it is wrong
    const guess = nearest(destination, known.names);
    if (known.elsewhere) {
      if (guess)
        problems.warn(
          file,
          `${index}/destination`,
          `"${destination}" will be looked up at the Destination service; did you mean "${guess}"?`,
          'unknown-destination',
        );
      continue;
    }
    const cure = guess ? `did you mean "${guess}"?` : 'add it to the variable "destinations" or to destinations.json';
    problems.add(
      file,
      `${index}/destination`,
      `there is no destination "${destination}"; ${cure}`,
      'unknown-destination',
    );
  }
}
