import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';
import { inputRequired } from '../input-required.ts';

/** RFC 6749 6, with the caller's refresh token. Not kept: the answer may hold the next one, which is the caller's. */
export const refreshToken: AskingFlow<DestinationOf<'OAuth2RefreshToken'>> = {
  kind: 'once',
  actsFor: () => 'client',
  async obtain({ name, tokenService }, { input, claims, now }, requestToken) {
    if (input.refreshToken === undefined) throw inputRequired(name, 'a refresh token');
    const fields = { grant_type: 'refresh_token', refresh_token: input.refreshToken };
    return issueBearer(await requestToken({ destination: name, tokenService, fields, claims, now }));
  },
};
