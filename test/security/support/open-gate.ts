import { type Client, openClient } from '../../e2e/approuter/support/client.ts';
import { type Backend, openBackend } from '../../e2e/approuter/support/open-backend.ts';
import { openRouter, type RouterSetup } from '../../e2e/approuter/support/open-router.ts';
import { openXsuaa, type Xsuaa } from '../../e2e/approuter/support/open-xsuaa.ts';
import { ask, type Question, type Reply } from '../../e2e/support/ask.ts';

/** A router that people log in at, and the backend behind it, which records whatever reaches it. */
export interface Gate {
  readonly backend: Backend;
  readonly xsuaa: Xsuaa;
  readonly port: number;
  readonly origin: string;
  /** One request, with no header that the test did not ask for; the target goes out as it is written. */
  ask(target: string, question?: Question): Promise<Reply>;
  /** A browser with a session. */
  loggedIn(): Promise<Client>;
  /** Another router at the same XSUAA and backend. */
  beside(setup: (backend: Backend) => RouterSetup): Promise<{ readonly origin: string; readonly port: number }>;
}

/** Starts all three; they stop when the test file is done. @param setup `/login-here` is added as a protected route */
export async function openGate(setup: (backend: Backend) => RouterSetup): Promise<Gate> {
  const [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  const beside = (one: (backend: Backend) => RouterSetup) => openRouter({ xsuaa, ...one(backend) });
  const { port, origin } = await beside(setup);
  return {
    backend,
    xsuaa,
    port,
    origin,
    beside,
    ask: (target, question) => ask(origin, target, question),
    async loggedIn() {
      const client = openClient(origin);
      await client.logIn('/quay/');
      return client;
    },
  };
}

/** Routes that most attacks are made on: `/public/` open, `/quay/` for whoever is logged in, `/admin/` for harbor masters. */
export function usualRoutes({ origin }: Backend): RouterSetup {
  return {
    xsApp: {
      logout: { logoutEndpoint: '/logout', logoutPage: '/public/bye' },
      websockets: { enabled: true },
      routes: [
        { source: '^/public/', destination: 'open', authenticationType: 'none' },
        { source: '^/quay/', destination: 'quay', csrfProtection: false },
        { source: '^/admin/', destination: 'quay', scope: '$XSAPPNAME.Master', csrfProtection: false },
      ],
    },
    env: {
      destinations: [
        { name: 'open', url: origin },
        { name: 'quay', url: origin, forwardAuthToken: true },
      ],
    },
  };
}
