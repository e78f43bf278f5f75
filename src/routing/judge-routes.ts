import { type PassedOver, type RoutedRequest, tryRoute } from './match-route.ts';
import { type Nearly, nearly } from './nearly.ts';
import type { Route } from './route.ts';

/** What became of a route when a request looked for one. */
export interface RouteVerdict {
  readonly name: string;
  readonly source: string;
  readonly outcome: 'taken' | 'passed over' | 'not reached';
  readonly why: string;
  /** It was passed over, and little was missing. */
  readonly nearness?: Nearly['nearness'] | undefined;
}

/**
 * Every route with what became of it, in their order. Pure.
 * @param loginIsOn as for `matchRoute`
 * @param isUpgrade as for `matchRoute`
 */
export function judgeRoutes(
  routes: readonly Route[],
  request: RoutedRequest,
  loginIsOn: boolean,
  isUpgrade: boolean,
): readonly RouteVerdict[] {
  let ended: string | undefined;
  return routes.map((route) => {
    const { name, source } = route;
    const told = { name, source: source.source.replaceAll('\\/', '/') };
    const outcome = tryRoute(route, request, loginIsOn, isUpgrade);
    const takes = typeof outcome !== 'string';
    if (ended !== undefined)
      return {
        ...told,
        outcome: 'not reached',
        why: `${ended}; by itself it would ${takes ? '' : 'not '}take the request`,
      };
    if (takes) {
      ended = `${name} has taken the request`;
      return { ...told, outcome: 'taken', why: `its source is found: "${outcome[0]}"` };
    }
    if (outcome === 'method' && route.to.kind === 'local-dir')
      ended = `${name} serves files, and lets nothing else through`;
    return { ...told, outcome: 'passed over', ...reasons[outcome](route, request) };
  });
}

type Reason = Pick<RouteVerdict, 'why' | 'nearness'>;

const reasons: Readonly<Record<PassedOver, (route: Route, request: RoutedRequest) => Reason>> = {
  'no upgrades': ({ source }, { url }) => ({
    why: 'WebSockets go to destinations only',
    ...(source.test(url) ? { nearness: 'close' } : {}),
  }),
  'query only': () => ({
    why: 'it is public, and its source is found only with the query; that must not open a path',
    nearness: 'close',
  }),
  method: ({ methods, to }, { method }) => ({
    why:
      to.kind === 'local-dir'
        ? `its source is found, but files are served to GET and HEAD, not ${method}`
        : `its source is found, but it takes ${methods === undefined ? 'every method but TRACE' : [...methods].join(', ')}, not ${method}`,
    nearness: 'close',
  }),
  source: ({ source }, request) => {
    const near = nearly(source, request);
    if (near === undefined) return { why: 'its source is not found' };
    return { why: `its source is not found; ${near.hint}`, nearness: near.nearness };
  },
};
