import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { TokenFlow } from '../flow.ts';
import { makeAssertion } from '../saml/make-assertion.ts';

/**
 * RFC 7522 2.1: an assertion about the user, signed by us, becomes a token. Each request carries a new one (T-63).
 * SuccessFactors also wants its company, and answers the same token again until told otherwise (token-flows.md E1).
 */
export const samlBearer: TokenFlow<DestinationOf<'OAuth2SAMLBearerAssertion'>> = {
  kind: 'token',
  actsFor: ({ saml }) => (saml.nameId.systemUser === undefined ? 'user' : 'client'),
  async obtain(destination, { user, fresh, claims, now }, requestToken) {
    const { name, tokenService, saml } = destination;
    const fields = {
      grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
      // Named even beside Basic credentials: ABAP compares the two (destination-service.md 3.3).
      client_id: tokenService.clientId,
      assertion: await makeAssertion(destination, user?.claims, now),
      company_id: saml.successFactors?.companyId,
      new_token: fresh && saml.successFactors ? 'true' : undefined,
    };
    return issueBearer(await requestToken({ destination: name, tokenService, fields, claims, now }));
  },
};
