import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';

/** RFC 6749 4.3: a token for the technical user of the destination, the same for everybody who calls. */
export const password: AskingFlow<DestinationOf<'OAuth2Password'>> = {
  kind: 'token',
  actsFor: () => 'client',
  async obtain({ name, tokenService, user, password }, { claims, now }, requestToken) {
    const fields = { grant_type: 'password', username: user, password };
    return issueBearer(await requestToken({ destination: name, tokenService, fields, claims, now }));
  },
};
