import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';
import { inputRequired } from '../input-required.ts';

/** RFC 6749 4.1.3 and RFC 7636 4.5, with the caller's code, which is good for one use. */
export const authorizationCode: AskingFlow<DestinationOf<'OAuth2AuthorizationCode'>> = {
  kind: 'once',
  actsFor: () => 'client',
  async obtain({ name, tokenService }, { input, claims, now }, requestToken) {
    const given = input.authorizationCode;
    if (given === undefined) throw inputRequired(name, 'an authorization code');
    const fields = {
      grant_type: 'authorization_code',
      code: given.code,
      redirect_uri: given.redirectUri,
      code_verifier: given.codeVerifier,
    };
    return issueBearer(await requestToken({ destination: name, tokenService, fields, claims, now }));
  },
};
