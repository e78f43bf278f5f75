import { destinationsOf } from '../../../demo/landscape/destinations.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import type { LandscapeUser } from '../../../demo/landscape/users.ts';
import { type Browser, openBrowser } from './browser.ts';
import { logIn } from './log-in.ts';
import { openRouter, type Router, type RouterSetup } from './open-router.ts';

/** A router with a protected route `/<name>/` and a public one `/public/<name>/` for each destination. */
export interface Flows {
  readonly router: Router;
  at(path: string): string;
  /** A browser in which a user is logged in. */
  browserOf(user: LandscapeUser): Promise<Browser>;
}

/** Beside the landscape's own destinations, these; in the approuter's format or the Destination service's. */
export type OwnDestinations = readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];

export async function openFlows(landscape: Landscape, own: OwnDestinations = [], env: object = {}): Promise<Flows> {
  const router = await openRouter(flowsOf(landscape, own, env));
  const at = (path: string) => router.origin + path;
  return {
    router,
    at,
    async browserOf(user) {
      const browser = openBrowser();
      await logIn(browser, at('/me/currentUser'), user);
      return browser;
    },
  };
}

/** The same, to be started otherwise. */
export function flowsOf(landscape: Landscape, own: OwnDestinations = [], env: object = {}): RouterSetup {
  const names = [...destinationsOf(landscape).map(({ Name }) => String(Name)), ...own.map(({ name }) => name)];
  const routes = names.flatMap((destination) => [
    { source: `^/public/${destination}/`, target: '/', destination, authenticationType: 'none' },
    { source: `^/${destination}/`, target: '/', destination, csrfProtection: false },
  ]);
  return {
    landscape,
    withDestinations: true,
    xsApp: {
      logout: { logoutEndpoint: '/logout' },
      routes: [...routes, { source: '^/me/', target: '/', service: 'sap-approuter-userapi' }],
    },
    env: { destinations: own, ...env },
  };
}
