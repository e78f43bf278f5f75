import type { Problems } from '../../errors/config-error.ts';
import { xsAppFile } from './find-inside.ts';
import type { XsApp } from './xs-app-schema.ts';

/**
 * Endpoints of the router's own are found by their path alone, before any route (xs-app.md 3.2 step 0): of two at one path
 * only one would ever answer.
 */
export function checkEndpoints(xsApp: XsApp, problems: Problems): void {
  const { login, logout, whitelistService, pluginMetadataEndpoint, authenticationMethod } = xsApp;
  const callback = authenticationMethod === 'none' ? undefined : (login?.callbackEndpoint ?? '/login/callback');
  const endpoints: readonly (readonly [property: string, path: string | undefined])[] = [
    ['login/callbackEndpoint', callback],
    ['logout/logoutEndpoint', logout?.logoutEndpoint],
    ['logout/backChannelLogoutEndpoint', logout?.backChannelLogoutEndpoint],
    ['whitelistService/endpoint', whitelistService?.endpoint],
    ['pluginMetadataEndpoint', pluginMetadataEndpoint],
  ];
  const taken = new Map<string, string>();
  for (const [property, path] of endpoints) {
    if (path === undefined) continue;
    const other = taken.get(path);
    if (other === undefined) taken.set(path, property);
    else
      problems.add(
        xsAppFile,
        property,
        `must differ from ${other}: of two endpoints at one path only one would answer`,
      );
  }
}
