import { tryRoute } from '../routing/match-route.ts';
import { refuseAmbiguousTarget } from '../routing/refuse-target.ts';
import type { Route } from '../routing/route.ts';
import { examplesOf } from './examples-of.ts';

/** Request targets that a route takes for itself: tried with the router's own test. The plainest first. */
export function targetsOf(route: Route, loginIsOn: boolean): readonly string[] {
  const guesses = examplesOf(route.source.source).flatMap((text) => {
    const path = text.startsWith('/') ? text : `/${text}`;
    return [path, `${path}x`, `${path}/x`, `/x${path}`, `${path}?x=1`];
  });
  const method = methodOf(route);
  return [...new Set(guesses)].filter(
    (url) => isTarget(url) && typeof tryRoute(route, asRequest(method, url), loginIsOn, false) !== 'string',
  );
}

/** A method that a route takes. */
export function methodOf({ methods }: Route): string {
  return methods === undefined || methods.has('GET') ? 'GET' : ([...methods][0] ?? 'GET');
}

/** What decides the route of a request. */
export function asRequest(method: string, url: string) {
  return { method, url, path: pathOf(url) };
}

export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

/** Whether a request can have this target: nothing that no client sends or that is refused before any route. */
export function isTarget(url: string): boolean {
  if (!/^\/[\x21-\x7e]*$/.test(url)) return false;
  try {
    refuseAmbiguousTarget(url);
    return true;
  } catch {
    return false;
  }
}
