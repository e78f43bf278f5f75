import type { DestinationOf } from '../../destinations/destination.ts';
import { bearer } from '../bearer.ts';
import { noCredential } from '../credential.ts';
import type { LocalFlow } from '../flow.ts';

/** Shows nothing, or with forwardAuthToken the user's own token; without a user there is none to show (xs-app.md 5.1). */
export const noAuthentication: LocalFlow<DestinationOf<'NoAuthentication'>> = {
  kind: 'local',
  show: ({ forwardAuthToken }, principal) =>
    forwardAuthToken && principal.kind === 'user' ? bearer(principal.token) : noCredential,
};
