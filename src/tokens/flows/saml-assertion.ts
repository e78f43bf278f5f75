import type { DestinationOf } from '../../destinations/destination.ts';
import type { AskingFlow } from '../flow.ts';

/**
 * The assertion itself is what the target is shown (destination-service.md 2.5). A new one for each call: S/4HANA takes
 * no ID twice (section 8 #15).
 */
export const samlAssertion: AskingFlow<DestinationOf<'SAMLAssertion'>> = {
  kind: 'once',
  actsFor: ({ saml }) => (saml.nameId.systemUser === undefined ? 'user' : 'client'),
  async obtain({ name, saml }, { user, now }) {
    const { makeAssertion } = await import('../saml/make-assertion.ts');
    const value = `SAML2.0 ${await makeAssertion(name, saml, user?.claims, now)}`;
    return { credential: Object.freeze({ kind: 'header', name: 'authorization', value }), expiresAt: undefined };
  },
};
