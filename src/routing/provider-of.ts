import { type Binding, tellBound } from '../config/binding.ts';
import type { IdentityProvider } from '../config/identity-provider.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Problems } from '../errors/config-error.ts';

/**
 * Which provider the login of a route belongs to, by its authenticationType and identityProvider; undefined: it needs none.
 */
export type ProviderOf = (
  type: RouteEntry['authenticationType'],
  identityProvider: string | undefined,
) => string | undefined;

/**
 * The one that authenticationType names, the configured one that identityProvider names, else the first there is
 * (xs-app.md 3.9).
 */
export function providerChooser(providers: readonly IdentityProvider[], loginIsOn: boolean): ProviderOf {
  return (type, identityProvider) => {
    if (!loginIsOn || type === 'none') return undefined;
    // Basic credentials are checked at whichever provider there is (xs-app.md 3.9).
    const fitting = type === undefined || type === 'basic' ? providers : providers.filter(({ kind }) => kind === type);
    return (fitting.find(({ name }) => name === identityProvider) ?? fitting[0])?.name;
  };
}

const uaa = 'a service with the tag or label xsuaa';

/** What makes a provider of each type. */
const lookedFor = {
  xsuaa: uaa,
  ias: 'a service with the label identity',
  oidc: 'OIDC_ISSUER and identity-providers.json',
  basic: `${uaa}, one with the label identity, OIDC_ISSUER, identity-providers.json`,
} as const;

/**
 * A route that needs a login nobody can give is a problem.
 * @param file where the routes stand, e.g. `xs-app.json/routes`
 * @param bindings among which providers were looked for
 */
export function checkProviders(
  file: string,
  routes: readonly Pick<RouteEntry, 'authenticationType' | 'identityProvider'>[],
  loginIsOn: boolean,
  choose: ProviderOf,
  bindings: readonly Binding[],
  problems: Problems,
): void {
  for (const [index, { authenticationType: type, identityProvider }] of routes.entries()) {
    if (type === 'none' || !loginIsOn) continue;
    const at = `${index}${type ? '/authenticationType' : ''}`;
    if (choose(type, identityProvider) === undefined)
      problems.add(
        file,
        at,
        `needs a login, but no ${type ? `provider of type "${type}"` : 'identity provider'} is bound or configured ` +
          `(looked for ${lookedFor[type ?? 'basic']}; ${tellBound(bindings)}); ` +
          'bind one, set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or make the route public with "authenticationType": "none"',
        'login-impossible',
      );
  }
}

/**
 * XSUAA and IAS bound, and routes that say neither: the approuter would ask a platform endpoint whether IAS can be used in
 * this subaccount; nothing is asked here, and who has both is told which it is (xs-app.md 3.9).
 */
export function warnOfTwoBound(
  file: string,
  routes: readonly Pick<RouteEntry, 'authenticationType'>[],
  providers: readonly IdentityProvider[],
  problems: Problems,
): void {
  const kinds = new Set(providers.map(({ kind }) => kind));
  if (!kinds.has('xsuaa') || !kinds.has('ias')) return;
  const silent = routes.flatMap(({ authenticationType }, index) => (authenticationType === undefined ? [index] : []));
  if (silent.length > 0)
    problems.warn(
      file,
      silent.join(', '),
      'XSUAA and IAS are both bound, and people log in at XSUAA; say "authenticationType": "xsuaa" or "ias"',
    );
}

/** Names of the providers among which people may choose (PORTUNUS_LOGIN_CHOOSER). One that is not there is a problem. */
export function choosableProviders(
  providers: readonly IdentityProvider[],
  chooser: Readonly<Record<string, string>>,
  problems: Problems,
): readonly string[] {
  const known = providers.map(({ name }) => name);
  for (const name of Object.keys(chooser))
    if (!known.includes(name))
      problems.add(
        'PORTUNUS_LOGIN_CHOOSER',
        '',
        `there is no provider "${name}"; there are: ${known.join(', ') || 'none'}`,
      );
  const names = Object.keys(chooser).filter((name) => known.includes(name));
  return names.length > 1 ? names : [];
}
