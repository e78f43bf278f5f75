import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { writeWorkingDirectory } from '../../../demo/landscape/write-working-directory.ts';
import { type Running, start } from '../../../src/commands/start.ts';
import { atEnd } from '../../support/at-end.ts';
import { type Files, workingDirectory } from '../../support/working-directory.ts';

/** What a router is started with, as its owner would write it. */
export interface RouterSetup {
  readonly xsApp: object;
  /** Values that are no text are written as JSON. */
  readonly env?: Readonly<Record<string, unknown>>;
  /** Further files of the working directory. */
  readonly files?: Files;
  /** Where people log in; the router is registered there. */
  readonly landscape?: Landscape;
  /** The landscape's destinations and key stores are there too. */
  readonly withDestinations?: boolean;
}

export interface Router extends Running {
  /** `http://localhost:PORT`. */
  readonly origin: string;
}

/** A router in this process, by the very function that `portunus start` calls; it stops when the test file is done. */
export async function openRouter(setup: RouterSetup): Promise<Router> {
  const { directory, variables } = await prepare(setup);
  const running = await start(directory, variables);
  const router = { ...running, origin: `http://localhost:${running.port}` };
  atEnd(router.stop);
  if (setup.landscape) register(setup.landscape, router.origin);
  return router;
}

/** Working directory and environment of a router, before it starts. */
export async function prepare({ xsApp, env = {}, files = {}, landscape, withDestinations }: RouterSetup) {
  const directory = workingDirectory({ ...files, 'xs-app.json': xsApp });
  const given = landscape && withDestinations ? await writeWorkingDirectory(landscape, directory) : {};
  const variables: Record<string, string> = {
    PORT: '0',
    XS_BIND_ADDRESS: '127.0.0.1',
    // Failed requests are part of the stories; what they log is looked at where the router is a process of its own.
    XS_APP_LOG_LEVEL: 'error',
    PORTUNUS_AUDIT_LOG: 'false',
    ...given,
    ...(landscape ? loginAt(landscape) : {}),
  };
  for (const [name, value] of Object.entries(env))
    variables[name] = typeof value === 'string' ? value : JSON.stringify(value);
  return { directory, variables };
}

/** The router's registration as its environment says it; its own scope makes the access token one for the router. */
export function loginAt({ entra }: Landscape) {
  return {
    OIDC_ISSUER: entra.issuer,
    OIDC_CLIENT_ID: entra.client.id,
    OIDC_CLIENT_SECRET: entra.client.secret,
    OIDC_SCOPES: `openid profile email offline_access ${entra.client.scope}`,
  };
}

/** Tells the directory where a router is. */
export function register({ hooks }: Landscape, origin: string): void {
  hooks.entra.registerRedirectUri(`${origin}/login/callback`);
  hooks.entra.registerPostLogoutRedirectUri(`${origin}/goodbye`);
}
