import { readEmbeddingOrigins } from './accept/embedding-origins.ts';
import { type TrustedPeers, trustedPeers } from './accept/trusted-peers.ts';
import { warnOfStarHosts } from './accept/warn-of-star-hosts.ts';
import type { Config } from './config/config.ts';
import { environmentProxy } from './config/forward-proxy.ts';
import { readErrorPages } from './config/read-error-pages.ts';
import type { Problems } from './errors/config-error.ts';
import { checkInspector } from './inspector/check-inspector.ts';
import { ownCookiePrefix } from './login/pending-login.ts';
import { checkDestinations } from './routing/check-destinations.ts';
import { checkGroups } from './routing/check-groups.ts';
import { checkTargets } from './routing/check-targets.ts';
import { compileRoutes } from './routing/compile-route.ts';
import { logoutCalls } from './routing/logout-calls.ts';
import {
  checkProviders,
  choosableProviders,
  type ProviderOf,
  providerChooser,
  warnOfTwoBound,
} from './routing/provider-of.ts';
import { compileHosts, type RulesOf } from './routing/provider-of-host.ts';
import type { Route } from './routing/route.ts';
import { callerCookie } from './session/caller-cookies.ts';

/** What the configuration comes to, before anything is opened. */
export interface Compiled {
  readonly trusts: TrustedPeers;
  readonly loginIsOn: boolean;
  readonly routes: readonly Route[];
  readonly providerOf: ProviderOf;
  /** Names of the providers among which people choose. */
  readonly choosable: readonly string[];
  /** What counts on a host; undefined: the same on all. */
  readonly rulesOf: RulesOf | undefined;
  readonly logoutCalls: ReturnType<typeof logoutCalls>;
  readonly embeddingOrigins: readonly string[];
  /** Whether a cookie is the router's own: no backend sets it in a browser. */
  readonly isOwnCookie: (name: string) => boolean;
  /** Whether no backend sees a cookie of the browser's: the router's own, and what an approuter's login left there. */
  readonly hidesCookie: (name: string) => boolean;
  readonly pages: ReturnType<typeof readErrorPages>;
  /** The proxy on the way to a provider, or what is wrong with it. */
  readonly proxyOf: (url: URL) => ReturnType<typeof environmentProxy>;
}

/** Cookies in which the login page of approuters leaves what it needs (xs-app.md 6.2); they hide them from backends, too. */
const ofApprouters: ReadonlySet<string> = new Set(['fragmentAfterLogin', 'locationAfterLogin', 'signature']);

/**
 * Checks the parts of a configuration against each other and compiles them. Opens and writes nothing: the start and the
 * tools that only look use the very same. Everything wrong goes to `problems`; the caller decides when to throw them.
 */
export function compileConfig(config: Config, problems: Problems): Compiled {
  const { settings, xsApp, providers, destinations } = config;
  const trusts = trustedPeers(settings.trustedProxies, settings.vcapApplication !== undefined, problems);
  const known = { ...destinations, elsewhere: config.destinationService !== undefined };
  const loginIsOn = xsApp.authenticationMethod !== 'none';
  const isOwnCookie = (name: string) =>
    name === settings.sessionCookieName || name === callerCookie || name.startsWith(ownCookiePrefix);
  const entries = xsApp.routes ?? [];
  const providerOf = providerChooser(providers, loginIsOn);
  const choosable = choosableProviders(providers, settings.loginChooser, problems);
  const isDecided = choosable.length > 0 || Object.keys(settings.providerOfHost).length > 0;
  const providersAreKnown = providers.length > 0 || !config.providersConfigured;
  for (const [file, list] of [
    ['xs-app.json/routes', entries],
    ['plugins', settings.plugins],
  ] as const) {
    if (providersAreKnown) checkProviders(file, list, loginIsOn, providerOf, config.bindings, problems);
    if (loginIsOn && !isDecided) warnOfTwoBound(file, list, providers, problems);
    checkDestinations(file, list, known, settings.destinationHostPattern !== undefined, problems);
    checkGroups(file, list, problems);
    checkTargets(file, list, problems);
  }
  const proxyOf = (url: URL) => environmentProxy(url, config.environment.get);
  for (const provider of providers) {
    const proxy = proxyOf(provider.kind === 'xsuaa' ? provider.url : provider.issuer);
    if (typeof proxy === 'string') problems.add(`identity provider ${provider.name}`, '', proxy);
  }
  checkInspector(settings, problems);
  warnOfStarHosts(settings, xsApp.cors, problems);
  const routes = compileRoutes(entries, settings.plugins, {
    ...config,
    problems,
    xsappname: providers.find((provider) => provider.kind === 'xsuaa')?.xsappname,
    hostPattern: settings.destinationHostPattern,
    dynamicIdentityProvider: settings.dynamicIdentityProvider,
    providerOf,
    choosable,
  });
  return {
    trusts,
    loginIsOn,
    routes,
    providerOf,
    choosable,
    rulesOf: providersAreKnown ? compileHosts(settings.providerOfHost, providers, routes, problems) : undefined,
    logoutCalls: logoutCalls(xsApp.destinations ?? {}, known, problems),
    isOwnCookie,
    hidesCookie: (name) => isOwnCookie(name) || ofApprouters.has(name),
    pages: readErrorPages(xsApp.errorPage ?? [], config.workingDirectory, problems),
    embeddingOrigins: readEmbeddingOrigins(settings, problems),
    proxyOf,
  };
}
