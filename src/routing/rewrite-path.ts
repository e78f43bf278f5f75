import { refuseAmbiguousPath } from './refuse-target.ts';
import type { Route } from './route.ts';
import { fillTemplate } from './template.ts';

/**
 * `target` replaces the matched part once, like a string replacement with the expression; what lies outside the match
 * stays. The result gets exactly one leading slash (xs-app.md 3.4).
 * @param url path and query as they came
 * @returns path and query behind the destination's URL, or below `localDir`
 * @throws AppError 400 when the replacement put dot segments together (T-05: `/x/.$1`)
 */
export function rewritePath(route: Route, url: string): string {
  if (route.target === undefined) return url;
  const replaced = replaceMatch(route, route.target, url);
  let start = 0;
  while (replaced.charCodeAt(start) === slash) start += 1;
  const rewritten = `/${start === 0 ? replaced : replaced.slice(start)}`;
  const query = rewritten.indexOf('?');
  refuseAmbiguousPath(query < 0 ? rewritten : rewritten.slice(0, query));
  return rewritten;
}

const slash = 47;

function replaceMatch({ source, template }: Route, target: string, url: string): string {
  if (template === undefined) return url.replace(source, target);
  const groups = source.exec(url);
  if (groups === null) return url;
  return url.slice(0, groups.index) + fillTemplate(template, groups) + url.slice(groups.index + groups[0].length);
}

/** The request target at the upstream: the base URL's path without its trailing slash, then the rewritten path. */
export function joinPath(base: URL, path: string): string {
  return base.pathname === '/' ? path : base.pathname.replace(/\/$/, '') + path;
}
