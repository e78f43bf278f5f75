import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';
import { renewOr } from '../renew.ts';

/**
 * RFC 7523 2.1: the user's token becomes a token for the target. With `requested_token_use=on_behalf_of` in
 * `tokenService.body.*` it is Entra's On-Behalf-Of, with IAS or XSUAA their token exchange (token-flows.md A7, C4, D2).
 * A fixed `tokenService.body.assertion` names its own user, whoever calls (destination-service.md 2.6).
 */
export const jwtBearer: AskingFlow<DestinationOf<'OAuth2JWTBearer'>> = {
  kind: 'token',
  actsFor: ({ tokenService }) => ('assertion' in tokenService.body ? 'client' : 'user'),
  obtain({ name, tokenService }, caller, requestToken) {
    const { user, claims, now } = caller;
    const inquiry = { destination: name, tokenService, assertedUser: user, claims, now };
    return renewOr(inquiry, caller, requestToken, async () => {
      const fields = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: user?.token };
      return issueBearer(await requestToken({ ...inquiry, fields }));
    });
  },
};
