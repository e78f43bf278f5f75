import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { type Backend, openBackend } from './open-backend.ts';
import { openRouter, type Router, type RouterSetup } from './open-router.ts';

/** A router with a public and a protected route to one backend, which is shown the user's token. */
export interface Harbour {
  readonly router: Router;
  readonly quay: Backend;
  /** A path at the router as URL. */
  at(path: string): string;
}

export interface HarbourSetup extends Partial<Omit<RouterSetup, 'xsApp'>> {
  readonly landscape: Landscape;
  /** Properties of xs-app.json beside the routes. */
  readonly xsApp?: object;
}

export async function openHarbour(setup: HarbourSetup): Promise<Harbour> {
  const quay = await openBackend();
  const router = await openRouter(harbourAt(quay, setup));
  return { router, quay, at: (path) => router.origin + path };
}

/** The same, to be started otherwise. */
export function harbourAt(quay: Backend, { xsApp = {}, env = {}, ...rest }: HarbourSetup): RouterSetup {
  return {
    ...rest,
    xsApp: {
      logout: { logoutEndpoint: '/logout', logoutPage: '/goodbye' },
      routes: [
        { source: '^/(?:public|goodbye)(?=[/?]|$)', destination: 'quay', authenticationType: 'none' },
        { source: '^/quay/', destination: 'quay' },
        { source: '^/me/', target: '/', service: 'sap-approuter-userapi' },
      ],
      ...xsApp,
    },
    env: { destinations: [{ name: 'quay', url: quay.origin, forwardAuthToken: true }], ...env },
  };
}
