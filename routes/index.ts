import type { House } from '../src/house.ts';
import type { Inspector } from '../src/inspector/open-inspector.ts';
import { allowlistDoor } from './allowlist.ts';
import { backChannelLogoutDoor } from './back-channel-logout.ts';
import { callbackDoor } from './callback.ts';
import { clientDoor } from './client.ts';
import type { Handler } from './door.ts';
import { type Door, enterDoor } from './door.ts';
import { frontChannelLogoutDoor } from './front-channel-logout.ts';
import { liveDoor, readyDoor } from './health.ts';
import { hideUnknown } from './hide-unknown.ts';
import { inspectorDoors } from './inspector.ts';
import { loggedInDoor } from './logged-in.ts';
import { loginDoor } from './login.ts';
import { logoutDoor } from './logout.ts';
import { pluginMetadataDoor } from './plugin-metadata.ts';
import { proxied } from './proxied.ts';
import { adoptSessionDoor, sessionDoor } from './session.ts';
import { welcome } from './welcome.ts';

/** The house's own doors. `src/own-paths.ts` tells what they are for, without a house. */
export function ownDoors(house: House, inspector?: Inspector): readonly Door[] {
  const { logout } = house.config.xsApp;
  const own: Door[] = [liveDoor, readyDoor(house)];
  if (house.loginIsOn && house.parties.size > 0)
    own.push(callbackDoor(house), loginDoor(house), loggedInDoor(house), sessionDoor(house), clientDoor());
  if (house.embedding) own.push(adoptSessionDoor(house));
  if (logout !== undefined) {
    const method = logout.logoutMethod ?? 'GET';
    own.push(
      logoutDoor(house, {
        path: logout.logoutEndpoint,
        method,
        csrf: logout.csrfProtection ?? true,
        page: logout.logoutPage,
      }),
    );
  }
  const { whitelistService, pluginMetadataEndpoint } = house.config.xsApp;
  if (logout?.backChannelLogoutEndpoint) own.push(backChannelLogoutDoor(house, logout.backChannelLogoutEndpoint));
  if (house.parties.size > 0) own.push(frontChannelLogoutDoor(house, (logout?.logoutMethod ?? 'GET') === 'GET'));
  if (whitelistService) own.push(allowlistDoor(house, whitelistService.endpoint));
  if (pluginMetadataEndpoint) own.push(pluginMetadataDoor(house, pluginMetadataEndpoint));
  if (inspector) own.push(...inspectorDoors(inspector));
  return own;
}

/** The map of the house: its own doors, found by exact path before any route, and last the door for all routes. */
export function doors(house: House, inspector?: Inspector): Handler {
  const byPath = new Map(ownDoors(house, inspector).map((door) => [door.path, door]));
  const last = welcome(house, hideUnknown(house, proxied(house)));
  return (request, response) => {
    const door = request.tunnel === undefined ? byPath.get(request.arrival.path) : undefined;
    if (door === undefined) return last(request, response);
    request.way?.routed({ name: door.path, kind: 'door', source: door.path, access: 'public' });
    return enterDoor(door, request, response);
  };
}
