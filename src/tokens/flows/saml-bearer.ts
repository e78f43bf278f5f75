import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';
import { inputRequired } from '../input-required.ts';

/**
 * RFC 7522 2.1: an assertion about the user, signed by us, becomes a token. Each request carries a new one (T-63).
 * SuccessFactors also wants its company, and answers the same token again until told otherwise (token-flows.md E1).
 * With SAMLAssertionProvider=ClientProvided the caller brings the assertion, and with it the user.
 */
export const samlBearer: AskingFlow<DestinationOf<'OAuth2SAMLBearerAssertion'>> = {
  kind: 'token',
  actsFor: ({ saml }) => (saml && saml.nameId.systemUser === undefined ? 'user' : 'client'),
  async obtain({ name, tokenService, saml }, { user, input, fresh, claims, now }, requestToken) {
    if (saml === undefined && !input.samlAssertion) throw inputRequired(name, 'a SAML assertion');
    const { makeAssertion } = await import('../saml/make-assertion.ts');
    const make = async () => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
      // Named even beside Basic credentials: ABAP compares the two (destination-service.md 3.3).
      client_id: tokenService.clientId,
      assertion: saml ? await makeAssertion(name, saml, user?.claims, now) : input.samlAssertion,
      company_id: saml?.successFactors?.companyId,
      new_token: fresh && saml?.successFactors ? 'true' : undefined,
    });
    // One that was handed in cannot be made again.
    const again = saml && make;
    return issueBearer(
      await requestToken({ destination: name, tokenService, fields: await make(), again, claims, now }),
    );
  },
};
