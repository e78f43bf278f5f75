import type { IdentityProvider } from '../config/identity-provider.ts';
import type { Problems } from '../errors/config-error.ts';
import { byHost, hostPattern } from './by-host.ts';
import type { Route } from './route.ts';

/** What counts on a host. */
export interface HostRules {
  /** Where people log in on it, unless the route says otherwise; undefined: it has no provider of its own. */
  readonly provider: string | undefined;
  readonly routes: readonly Route[];
}

/** @param host as the router believes it (T-11), with or without a port */
export type RulesOf = (host: string) => HostRules;

const setting = 'PORTUNUS_PROVIDER_OF_HOST';

/**
 * The routes as they are on each host that has a provider of its own: its logins alone count there, on routes that name
 * none (wants 28). Made once for each provider, so that a request costs one look-up, and none where no host has one.
 * @param providerOfHost host or `*.domain` → name of a provider; one that is not there, and what is no host, is a problem
 * @returns undefined when no host has one
 */
export function compileHosts(
  providerOfHost: Readonly<Record<string, string>>,
  providers: readonly Pick<IdentityProvider, 'name'>[],
  routes: readonly Route[],
  problems: Problems,
): RulesOf | undefined {
  const names = providers.map(({ name }) => name);
  const chosen = names.filter((name) => Object.values(providerOfHost).includes(name));
  const rules = new Map(chosen.map((name) => [name, { provider: name, routes: routesAt(name, routes) }]));
  const named = new Map<string, HostRules>();
  for (const [host, provider] of Object.entries(providerOfHost)) {
    const pattern = hostPattern(host);
    const known = rules.get(provider);
    if (pattern === undefined) problems.add(setting, host, noHost);
    else if (named.has(pattern)) problems.add(setting, host, 'is named twice, in two spellings; remove one');
    else if (known === undefined)
      problems.add(setting, host, `there is no provider "${provider}"; there are: ${names.join(', ') || 'none'}`);
    else named.set(pattern, known);
  }
  return named.size === 0 ? undefined : byHost<HostRules>(named, { provider: undefined, routes });
}

const noHost =
  'is no name of a host; write it as partners.example or *.partners.example, without scheme, port and path ' +
  '(a host that is not named has the providers it has without this setting)';

function routesAt(provider: string, routes: readonly Route[]): readonly Route[] {
  return Object.freeze(
    routes.map((route) => {
      const { access } = route;
      if (access.kind !== 'login' || !access.hostDecides) return route;
      return Object.freeze({ ...route, access: { ...access, provider, accepts: [provider] } });
    }),
  );
}
