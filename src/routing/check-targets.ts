import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import { AppError } from '../errors/app-error.ts';
import type { Problems } from '../errors/config-error.ts';
import { encodeTarget } from './encode-target.ts';
import { refuseAmbiguousPath } from './refuse-target.ts';

/** What a replacement puts groups in for (ECMA-262 GetSubstitution). */
const group = /\$(?:[$&`']|\d{1,2}|<[^>]*>)/g;

/**
 * Warns of a `target` that has in it what no request may have, dot segments or a broken escape: whatever a request's own
 * path is, it is refused with 400 (xs-app.md 3.2 step 2, T-05).
 * @param file where the routes stand, e.g. `xs-app.json/routes`
 */
export function checkTargets(file: string, routes: readonly Pick<RouteEntry, 'target'>[], problems: Problems): void {
  for (const [index, { target }] of routes.entries()) {
    // Two letters are as good as a name and as the digits of an escape.
    const path =
      encodeTarget(target ?? '')
        .replace(group, 'aa')
        .split('?', 1)[0] ?? '';
    try {
      refuseAmbiguousPath(path);
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      problems.warn(file, `${index}/target`, `requests are refused with 400, as ${cause.detail}; correct the target`);
    }
  }
}
