import type { NearMiss } from '../observe/near-miss.ts';
import { judgeRoutes } from './judge-routes.ts';
import type { RoutedRequest } from './match-route.ts';
import type { Route } from './route.ts';

/** Routes that were passed over though little was missing, in their order. For who looks; it costs more than routing does. */
export function nearMisses(
  routes: readonly Route[],
  request: RoutedRequest,
  loginIsOn: boolean,
  isUpgrade: boolean,
): readonly NearMiss[] {
  return judgeRoutes(routes, request, loginIsOn, isUpgrade).flatMap(({ name, source, why, nearness }) =>
    nearness === undefined ? [] : [{ name, source, why, nearness }],
  );
}
