import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Access, Route } from '../routing/route.ts';

const unknownLogin: Access = {
  kind: 'login',
  provider: 'none that is configured here',
  accepts: ['none that is configured here'],
  hostDecides: false,
  by: 'redirect',
  identityProvider: undefined,
  readsSapIdp: false,
  csrf: true,
  scopes: { kind: 'any-user' },
};

/**
 * Compiled routes as they are where an identity provider is bound: one that needs a login needs it here too, though nobody
 * could give it and the router would not start.
 */
export function routesAsMeant(
  routes: readonly Route[],
  entries: readonly RouteEntry[],
  loginIsOn: boolean,
): readonly Route[] {
  return routes.map((route, index) => {
    const entry = entries[index];
    if (!loginIsOn || route.access.kind !== 'public' || entry === undefined || entry.authenticationType === 'none')
      return route;
    const access = { ...unknownLogin, csrf: entry.csrfProtection ?? true };
    return { ...route, access };
  });
}
