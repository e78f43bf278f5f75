import type { Landscape } from '../../../demo/landscape/landscape.ts';
import type { LandscapeOptions } from '../../../demo/landscape/landscape-options.ts';
import { startLandscape } from '../../../demo/landscape/start-landscape.ts';
import { atEnd } from '../../support/at-end.ts';

/** A landscape that knows no router yet; it stops when the test file is done. */
export async function openLandscape(options: LandscapeOptions = {}): Promise<Landscape> {
  const landscape = await startLandscape({ redirectUris: [], postLogoutRedirectUris: [], ...options });
  atEnd(landscape.stop);
  return landscape;
}

/** Calls of the landscape's token endpoint for a grant, e.g. `refresh_token`. */
export function tokenCalls({ calls }: Landscape, grant: string) {
  return calls.entra.filter((call) => call.grant === grant);
}

export const onBehalfOf = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
