import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';

/** RFC 6749 4.4: a token for the client itself. */
export const clientCredentials: AskingFlow<DestinationOf<'OAuth2ClientCredentials'>> = {
  kind: 'token',
  actsFor: () => 'client',
  async obtain({ name, tokenService }, { claims, now }, requestToken) {
    const fields = { grant_type: 'client_credentials' };
    return issueBearer(await requestToken({ destination: name, tokenService, fields, claims, now }));
  },
};
