import type { IdentityProvider } from '../config/identity-provider.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Problems } from '../errors/config-error.ts';
import type { RouteContext } from './compile-route.ts';

/**
 * Which provider a route's login belongs to (xs-app.md 3.9): the one its authenticationType names, the configured one
 * that its identityProvider names, else the first there is. A route that needs a login nobody can give is a problem.
 */
export function providerChooser(
  providers: readonly IdentityProvider[],
  loginIsOn: boolean,
  routes: readonly RouteEntry[],
  problems: Problems,
): RouteContext['providerOf'] {
  const choose: RouteContext['providerOf'] = (type, identityProvider) => {
    if (!loginIsOn || type === 'none') return undefined;
    const named = providers.find(({ name }) => name === identityProvider);
    const kind = type ?? named?.kind;
    return (named ?? providers.find((provider) => kind === undefined || provider.kind === kind))?.name;
  };
  if (loginIsOn) reportUnserved(routes, choose, problems);
  return choose;
}

function reportUnserved(routes: readonly RouteEntry[], choose: RouteContext['providerOf'], problems: Problems): void {
  for (const [index, { authenticationType: type, identityProvider }] of routes.entries()) {
    if (type === 'none') continue;
    const at = `routes/${index}${type ? '/authenticationType' : ''}`;
    if (type === 'basic')
      problems.add('xs-app.json', at, '"basic" is not supported; use "xsuaa", "ias", "oidc" or "none"');
    else if (choose(type, identityProvider) === undefined)
      problems.add(
        'xs-app.json',
        at,
        `needs a login, but no ${type ? `provider of type "${type}"` : 'identity provider'} is bound or configured; ` +
          'bind one, set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or make the route public with "authenticationType": "none"',
      );
  }
}
