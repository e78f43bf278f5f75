import type { Admitted } from '../authorization/authorize.ts';
import { AppError } from '../errors/app-error.ts';
import type { RouteEnd } from '../routing/route.ts';
import type { Destination } from './destination.ts';
import { isDestinationName } from './destination-name.ts';
import type { Directory } from './directory.ts';

type Named = Extract<RouteEnd, { kind: 'destination' | 'dynamic-destination' | 'host-destination' }>;

/**
 * Name → destination (xs-app.md 3.5). A name made of the request is looked up only when it could stand in a
 * configuration, and found only when the destination may be named so (T-70).
 * @returns a value when it is at hand
 * @throws AppError 404: the caller named something that does not exist; ERR_DESTINATION_SERVICE (502, 503)
 */
export function resolveDestination(
  directory: Directory,
  to: Named,
  { route, groups, principal }: Admitted,
  host: string,
): Destination | Promise<Destination> {
  const name = nameOf(to, groups, host);
  const named = to.kind === 'destination';
  if (!named && !isDestinationName(name)) throw notFound();
  const found = directory.find(name, { principal, preferLocal: route.preferLocal });
  return found instanceof Promise ? found.then((one) => reachable(one, named)) : reachable(found, named);
}

function reachable(destination: Destination | undefined, named: boolean): Destination {
  if (destination === undefined || (!named && !destination.dynamic)) throw notFound();
  return destination;
}

function notFound(): AppError {
  return new AppError({ code: 'ERR_DESTINATION_NOT_FOUND', status: 404 });
}

function nameOf(to: Named, groups: RegExpExecArray, host: string): string {
  switch (to.kind) {
    case 'destination':
      return to.name;
    case 'dynamic-destination':
      return to.template.replace(/\$(\d{1,2})/g, (_, n: string) => groupOf(groups, n));
    case 'host-destination':
      // A pattern written for hosts is good for one with a port too, as on a laptop.
      return (to.pattern.exec(host) ?? to.pattern.exec(host.replace(/:\d+$/, '')))?.[1] ?? '';
  }
}

/** `$10` is the tenth group where there are ten, else the first and a 0, as in a target (ECMA-262 GetSubstitution). */
function groupOf(groups: RegExpExecArray, digits: string): string {
  if (Number(digits) < groups.length) return groups[Number(digits)] ?? '';
  return (groups[Number(digits[0])] ?? '') + digits.slice(1);
}
