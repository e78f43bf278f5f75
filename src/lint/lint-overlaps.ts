import path from 'node:path';
import { matchRoute } from '../routing/match-route.ts';
import { openingOf } from '../routing/opening-of.ts';
import type { Route } from '../routing/route.ts';
import type { Finding } from './finding.ts';
import type { Linted, LintedRoute } from './linted.ts';
import { asRequest, isTarget, methodOf, pathOf, targetsOf } from './targets-of.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Public routes that take what a protected one is there for. Each is shown by a request that the router's own matching gives
 * to the public one. A public route cut out of a protected one on purpose (`^/app/public/` before `^/app/`) is none.
 */
export function lintOverlaps({ routes, loginIsOn }: Linted): readonly Finding[] {
  if (!loginIsOn) return [];
  const all = routes.map(({ route }) => route);
  const targets = new Map(all.map((route) => [route, targetsOf(route, loginIsOn)]));
  const of = (route: Route) => targets.get(route) ?? [];
  const taker = (method: string, url: string): Route | undefined => {
    try {
      return matchRoute(all, asRequest(method, url), loginIsOn, false).route;
    } catch {
      return undefined;
    }
  };

  const before = (open: LintedRoute, shut: LintedRoute): Finding | undefined => {
    const example = [...of(shut.route), ...of(open.route), ...between(open.route, shut.route, of)]
      .filter((url) => isMeant(open.route, shut.route, url, of(open.route)))
      .find((url) => taker(methodFor(open.route, shut.route), url) === open.route);
    if (example === undefined) return undefined;
    const message = `is public and takes ${methodFor(open.route, shut.route)} ${example}, which ${shut.route.name} (${shut.source}) protects; put ${shut.route.name} first, or narrow this source`;
    return { rule: 'public-overlaps-protected', level: 'warning', at: `${open.at}/source`, message };
  };

  const behind = (open: LintedRoute, shut: LintedRoute): Finding | undefined => {
    if (!leadToTheSame(open.route, shut.route)) return undefined;
    const paths = [...new Set(of(shut.route).map(pathOf))].filter((url) => shut.route.source.test(url));
    for (const url of paths.flatMap((one) => [one, `${one}?x=1`]).filter(isTarget))
      for (const method of methods) {
        if (taker(method, url) !== open.route) continue;
        const why = url.includes('?') ? 'its source does not match with a query' : `it does not take ${method}`;
        const message = `protects ${pathOf(url)}, but ${method} ${url} goes to ${open.route.name}, which is public and leads to the same place: ${why}`;
        return { rule: 'public-overlaps-protected', level: 'warning', at: `${shut.at}/source`, message };
      }
    return undefined;
  };

  return routes.flatMap((open, o) =>
    open.route.access.kind !== 'public' || open.route.to.kind === 'user-api'
      ? []
      : routes.flatMap((shut, s) => {
          if (shut.route.access.kind === 'public') return [];
          return (o < s ? before(open, shut) : behind(open, shut)) ?? [];
        }),
  );
}

/** Guesses of what both take: the beginning of one, with a target of the other behind it. */
function between(one: Route, other: Route, of: (route: Route) => readonly string[]): readonly string[] {
  const joined = (first: Route, second: Route) => {
    const { anchored, literal } = openingOf(first.source.source);
    return anchored ? of(second).map((url) => literal + url.replace(/^\//, '')) : [];
  };
  return [...joined(other, one), ...joined(one, other)].filter(isTarget);
}

/** Whether a target that both take is the protected route's: the public one is neither a part of it, nor found at its beginning. */
function isMeant(open: Route, shut: Route, url: string, openTargets: readonly string[]): boolean {
  if (!shut.source.test(pathOf(url))) return false;
  const isPart = openTargets.every((one) => shut.source.test(one));
  return !isPart || (open.source.exec(url)?.index ?? 0) > 0;
}

/** A method that both take. */
function methodFor(open: Route, shut: Route): string {
  return (
    methods.find((method) => (open.methods?.has(method) ?? true) && (shut.methods?.has(method) ?? true)) ??
    methodOf(shut)
  );
}

function leadToTheSame({ to: a }: Route, { to: b }: Route): boolean {
  if (a.kind === 'destination' && b.kind === 'destination') return a.name === b.name;
  if (a.kind === 'local-dir' && b.kind === 'local-dir')
    return a.root === b.root || b.root.startsWith(a.root + path.sep);
  const dynamic = ['dynamic-destination', 'host-destination'];
  return dynamic.includes(a.kind) && b.kind !== 'local-dir' && b.kind !== 'user-api';
}
