import { AppError } from '../errors/app-error.ts';
import { repeatsRequest } from './repeats-request.ts';
import type { Match, Route } from './route.ts';
import { routesFor } from './routes-for.ts';

/** What of a request decides its route: the target as it came. Nothing is decoded or collapsed (xs-app.md 3.2 step 1). */
export interface RoutedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  /** Path as it came, without the query. */
  readonly path: string;
}

/** What static routes answer to (xs-app.md 3.6). */
const staticMethods: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** What a route without `httpMethods` can tell in an `Allow`: of all it takes, those that have a name there (3.1). */
const namedMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * The first route whose source is found in the request target and which takes the method.
 * A public route must match on the path alone too, so that no query opens a protected path (xs-app.md 13.2 #1, T-01).
 * @param isUpgrade only routes to destinations count for upgrades (xs-app.md 8.8)
 * @param loginIsOn false when nothing needs a login; then the query may decide as documented
 * @throws AppError 404 when no source matched, 405 with `allow` when only the method was wrong
 */
export function matchRoute(
  routes: readonly Route[],
  request: RoutedRequest,
  loginIsOn: boolean,
  isUpgrade: boolean,
): Match {
  const passedOver: Route[] = [];
  for (const route of routesFor(routes, request.url)) {
    const outcome = tryRoute(route, request, loginIsOn, isUpgrade);
    if (typeof outcome !== 'string') return { route, groups: outcome };
    if (outcome !== 'method') continue;
    passedOver.push(route);
    if (route.to.kind === 'local-dir') break; // it took the request and will not serve the method
  }
  if (passedOver.length === 0) throw new AppError({ code: 'ERR_NO_ROUTE', status: 404 });
  throw new AppError({
    code: 'ERR_METHOD_NOT_ALLOWED',
    status: 405,
    headers: { allow: allowedMethods(passedOver).join(', '), ...cacheControlOf(passedOver) },
  });
}

/** Why a route does not take a request. `query only`: its source is found, but not in the path alone, and it is public. */
export type PassedOver = 'no upgrades' | 'source' | 'query only' | 'method';

/**
 * Whether one route takes a request, whatever stands before it.
 * @returns the groups of its source, or why not; `method` of a static route: it keeps the request from those behind it
 */
export function tryRoute(
  route: Route,
  request: RoutedRequest,
  loginIsOn: boolean,
  isUpgrade: boolean,
): RegExpExecArray | PassedOver {
  const { to } = route;
  if (isUpgrade && (to.kind === 'local-dir' || to.kind === 'user-api')) return 'no upgrades';
  const groups = route.source.exec(request.url);
  if (groups === null) return 'source';
  if (loginIsOn && route.access.kind === 'public' && !route.source.test(request.path)) return 'query only';
  if (!(route.methods?.has(request.method) ?? !repeatsRequest(request.method))) return 'method';
  return to.kind === 'local-dir' && !staticMethods.has(request.method) ? 'method' : groups;
}

/** `cacheControl` of a static route stands on its 405 too (xs-app.md 3.6). */
function cacheControlOf(routes: readonly Route[]): Readonly<Record<string, string>> {
  const to = routes.at(-1)?.to;
  return to?.kind === 'local-dir' && to.cacheControl !== undefined ? { 'cache-control': to.cacheControl } : {};
}

/** Union of the methods of all routes whose source matched, HEAD wherever GET stands (xs-app.md 3.3). */
function allowedMethods(routes: readonly Route[]): string[] {
  const methods = new Set<string>();
  for (const route of routes) {
    for (const method of route.to.kind === 'local-dir' ? staticMethods : (route.methods ?? namedMethods))
      methods.add(method);
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
