import { openingOf } from '../routing/opening-of.ts';
import type { Route } from '../routing/route.ts';
import type { Finding } from './finding.ts';
import type { Linted } from './linted.ts';
import { neverFound } from './never-found.ts';

/** Routes that no request reaches. Only what is proven by the texts of the sources is said; anything else may be reached. */
export function lintReach({ routes, config, loginIsOn }: Linted): readonly Finding[] {
  const upgrades = config.xsApp.websockets?.enabled ?? false;
  return routes.flatMap(({ route, source, at }, index): Finding[] => {
    const why = neverFound(source);
    if (why !== undefined)
      return [{ rule: 'unreachable-route', level: 'warning', at: `${at}/source`, message: `is never found: ${why}` }];
    const cover = routes.slice(0, index).find((earlier) => covers(earlier.route, route, upgrades, loginIsOn));
    if (cover === undefined) return [];
    const message = `is never reached: ${cover.route.name} (${cover.source}) takes all its requests; move this one up, or remove it`;
    return [{ rule: 'unreachable-route', level: 'warning', at: `${at}/source`, message }];
  });
}

function covers(earlier: Route, later: Route, upgrades: boolean, loginIsOn: boolean): boolean {
  // Upgrades pass by what is not forwarded.
  const passes = earlier.to.kind === 'local-dir' || earlier.to.kind === 'user-api';
  if (upgrades && passes && later.to.kind !== 'local-dir' && later.to.kind !== 'user-api') return false;
  return takesMethods(earlier, later) && takesTargets(earlier, later, loginIsOn);
}

function takesMethods(earlier: Route, later: Route): boolean {
  if (earlier.to.kind === 'local-dir') return true; // what it does not serve, it refuses
  if (earlier.methods === undefined) return !(later.methods?.has('TRACE') ?? false);
  const taken = earlier.methods;
  return later.methods !== undefined && [...later.methods].every((method) => taken.has(method));
}

function takesTargets(earlier: Route, later: Route, loginIsOn: boolean): boolean {
  const [one, other] = [earlier.source, later.source];
  // A public route is found in the path alone, one with a login also in the query.
  const seesLess = loginIsOn && earlier.access.kind === 'public' && later.access.kind !== 'public';
  if (one.source === other.source && one.flags === other.flags) return !seesLess || openingOf(one.source).open;
  const [a, b] = [openingOf(one.source), openingOf(other.source)];
  if (!a.open) return false;
  if (a.literal === '' || a.literal === '/') return true; // every target begins with a slash
  if (!b.anchored || (a.literal + b.literal).includes('?')) return false;
  if (other.ignoreCase && !one.ignoreCase) return false;
  const [mine, its] = one.ignoreCase ? [a.literal.toLowerCase(), b.literal.toLowerCase()] : [a.literal, b.literal];
  return a.anchored ? its.startsWith(mine) : its.includes(mine);
}
