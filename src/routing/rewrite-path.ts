import { refuseAmbiguousPath } from './refuse-target.ts';
import type { Route } from './route.ts';

/**
 * `target` replaces the matched part once, like a string replacement with the expression; what lies outside the match
 * stays. The result gets exactly one leading slash (xs-app.md 3.4).
 * @param url path and query as they came
 * @returns path and query behind the destination's URL, or below `localDir`
 * @throws AppError 400 when the replacement put dot segments together (T-05: `/x/.$1`)
 */
export function rewritePath(route: Route, url: string): string {
  if (route.target === undefined) return url;
  const rewritten = `/${url.replace(route.source, route.target).replace(/^\/+/, '')}`;
  refuseAmbiguousPath(rewritten.split('?', 1)[0] ?? '');
  return rewritten;
}

/** The request target at the upstream: the base URL's path without its trailing slash, then the rewritten path. */
export function joinPath(base: URL, path: string): string {
  return base.pathname === '/' ? path : base.pathname.replace(/\/$/, '') + path;
}
