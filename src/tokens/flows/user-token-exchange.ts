import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';
import { renewOr } from '../renew.ts';

/**
 * UAA's exchange in two steps (destination-service.md 2.5): the user's token, which must hold the scope uaa.user, gets a
 * refresh token for our client (grant user_token, the user's token as Bearer); the client gets its access token with it.
 */
export const userTokenExchange: AskingFlow<DestinationOf<'OAuth2UserTokenExchange'>> = {
  kind: 'token',
  actsFor: () => 'user',
  obtain({ name, tokenService }, caller, requestToken) {
    const { user, claims, now } = caller;
    const inquiry = { destination: name, tokenService, assertedUser: user, claims, now };
    return renewOr(inquiry, caller, requestToken, async () => {
      const { token: refreshToken } = await requestToken({
        ...inquiry,
        fields: { grant_type: 'user_token', response_type: 'token' },
        bearer: user?.token,
        wanted: 'refresh_token',
      });
      const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
      const answer = await requestToken({ ...inquiry, fields });
      return issueBearer({ ...answer, refreshToken: answer.refreshToken ?? refreshToken });
    });
  },
};
