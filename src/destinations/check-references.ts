import type { Problems } from '../errors/config-error.ts';
import type { Destination } from './destination.ts';
import { referencesOf, unfitFor } from './references.ts';
import type { SetAside } from './set-aside.ts';

/** Where a destination stands in the configuration. */
export interface Place {
  readonly file: string;
  readonly path: string;
}

/**
 * Reports destinations that name others which are not there, cannot give what is needed, or need the first one in turn.
 * @param found the good ones, by name
 * @param places all, also those with problems of their own
 * @param aside those of them that nothing can use
 */
export function checkReferences(
  found: ReadonlyMap<string, Destination>,
  places: ReadonlyMap<string, Place>,
  aside: ReadonlyMap<string, SetAside>,
  problems: Problems,
): void {
  for (const destination of found.values()) {
    const { file, path } = places.get(destination.name) ?? { file: 'destinations', path: '' };
    for (const { as, property, name } of referencesOf(destination)) {
      const report = (message: string) => problems.add(file, path === '' ? property : `${path}/${property}`, message);
      const other = found.get(name);
      if (other === undefined) {
        const unusable = aside.get(name);
        if (unusable) report(`names the destination ${name}, which cannot be used: ${unusable.why}`);
        else if (!places.has(name)) report(`names the destination ${name}, which does not exist`);
        continue;
      }
      const unfit = unfitFor(as, other);
      if (unfit) report(`names the destination ${name}, which ${unfit}`);
      const circle = circleFrom(other, destination.name, found, [destination.name]);
      if (circle) report(`leads back to where it began: ${circle.join(' → ')}`);
    }
  }
}

function circleFrom(
  from: Destination,
  to: string,
  found: ReadonlyMap<string, Destination>,
  way: readonly string[],
): readonly string[] | undefined {
  if (from.name === to) return [...way, to];
  // A circle that this one only leads into is reported where it is.
  if (way.includes(from.name)) return undefined;
  for (const { name } of referencesOf(from)) {
    const next = found.get(name);
    const circle = next && circleFrom(next, to, found, [...way, from.name]);
    if (circle) return circle;
  }
  return undefined;
}
