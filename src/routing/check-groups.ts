import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Problems } from '../errors/config-error.ts';
import { compileSource } from './compile-route.ts';
import { countGroups } from './count-groups.ts';

/**
 * Warns of `$n` in `target` and `destination` that name a group the source does not have: a replacement leaves such a text
 * as it is (xs-app.md 3.4, ECMA-262 GetSubstitution), which nobody means.
 * @param file where the routes stand, e.g. `xs-app.json/routes`
 */
export function checkGroups(
  file: string,
  routes: readonly Pick<RouteEntry, 'source' | 'target' | 'destination'>[],
  problems: Problems,
): void {
  for (const [index, route] of routes.entries()) {
    const groups = countGroups(compileSource(route.source));
    for (const property of ['target', 'destination'] as const) {
      const [missing] = missingGroups(route[property] ?? '', groups);
      if (missing === undefined) continue;
      const has = groups === 0 ? 'no group' : groups === 1 ? 'only one group' : `only ${groups} groups`;
      problems.warn(
        file,
        `${index}/${property}`,
        `names ${missing}, but source has ${has}, so that ${missing} stays as it is; add parentheses to source, or correct the number`,
      );
    }
  }
}

/** As a replacement reads it: `$$` is a dollar, and `$12` is the first group and a 2 where there is no twelfth. */
function missingGroups(template: string, groups: number): readonly string[] {
  return [...template.matchAll(/\$(\$|\d\d?)/g)].flatMap(([whole, number = '']) => {
    if (number === '$' || Number(number) === 0) return [];
    const named = [Number(number), Number(number[0])];
    return named.some((group) => group >= 1 && group <= groups) ? [] : [whole];
  });
}
