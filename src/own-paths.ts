import type { Compiled } from './compile-config.ts';
import type { Config } from './config/config.ts';

/** Paths that the router answers itself, before any route, and what for: the doors of `routes/index.ts`. */
export function ownPaths(
  { xsApp, providers }: Pick<Config, 'xsApp' | 'providers'>,
  { loginIsOn, embeddingOrigins }: Pick<Compiled, 'loginIsOn' | 'embeddingOrigins'>,
): ReadonlyMap<string, string> {
  const { logout, login, whitelistService, pluginMetadataEndpoint } = xsApp;
  const hasProviders = providers.length > 0;
  const logsIn = loginIsOn && hasProviders;
  const all: readonly (readonly [path: string | undefined, what: string, isThere?: boolean])[] = [
    ['/-/health/live', 'health: the process is alive'],
    ['/-/health/ready', 'health: the instance wants requests'],
    [login?.callbackEndpoint ?? '/login/callback', 'where identity providers send people back after the login', logsIn],
    ['/-/login', 'begins a login', logsIn],
    ['/-/logged-in', 'the page a login window ends at', logsIn],
    ['/-/session', 'who is logged in, for single-page apps', logsIn],
    ['/-/client.js', 'the script for single-page apps', logsIn],
    ['/-/session/adopt', "hands a login window's session to a frame", embeddingOrigins.length > 0],
    [logout?.logoutEndpoint, 'ends the session'],
    [logout?.backChannelLogoutEndpoint, 'logout that the identity provider begins'],
    ['/-/front-channel-logout', "logout in a frame of the provider's page", hasProviders],
    [whitelistService?.endpoint, 'which origins may frame us'],
    [pluginMetadataEndpoint, 'the list of plugins'],
  ];
  return new Map(
    all.flatMap(([path, what, isThere = true]) => (path === undefined || !isThere ? [] : [[path, what] as const])),
  );
}
