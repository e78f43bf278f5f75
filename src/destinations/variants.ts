import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { warnIfUnproven } from './read-client-authentication.ts';
import { readSamlProfile } from './read-saml-profile.ts';
import type { DestinationTls } from './read-tls.ts';
import { readTokenService } from './read-token-service.ts';
import type { SamlAssertionProfile } from './saml-profile.ts';
import type { TokenService } from './token-service.ts';

/**
 * The union of destinations, one entry an authentication type: how its own fields are read, and so which they are
 * (`destination.ts` derives the types). Adding a type: one entry here, one file in tokens/flows, one line in
 * tokens/flow-table.ts, one test. Source of each: destination-service.md 2.2 and 2.5.
 */
export const variants = {
  NoAuthentication: (p): { /** Send the user's token when there is a user. */ readonly forwardAuthToken: boolean } => ({
    forwardAuthToken: p.flag('HTML5.ForwardAuthToken', false),
  }),

  BasicAuthentication(p): { readonly user: string; readonly password: string } {
    const user = p.required('User', 'BasicAuthentication needs User and Password');
    if (user.includes(':')) p.problem('User', 'must not contain ":" (RFC 7617 2)');
    return { user, password: p.required('Password', 'BasicAuthentication needs User and Password') };
  },

  async OAuth2ClientCredentials(p, context, tls): Promise<{ readonly tokenService: TokenService }> {
    const tokenService = await readTokenService(p, context, tls, 'clientId');
    warnIfUnproven(p, tokenService);
    return { tokenService };
  },

  async OAuth2JWTBearer(p, context, tls): Promise<{ readonly tokenService: TokenService }> {
    const tokenService = await readTokenService(p, context, tls, 'clientId');
    warnIfUnproven(p, tokenService);
    return { tokenService };
  },

  async OAuth2SAMLBearerAssertion(
    p,
    context,
    tls,
  ): Promise<{ readonly tokenService: TokenService; readonly saml: SamlAssertionProfile } | undefined> {
    const tokenService = await readTokenService(p, context, tls, 'clientKey');
    const saml = await readSamlProfile(p, context, tokenService);
    return saml && { tokenService, saml };
  },
} satisfies Record<string, VariantReader>;

/** Reads a variant's own fields; what is wrong goes to `p`. Undefined only after a problem was reported. */
type VariantReader = (
  p: Properties,
  context: DestinationContext,
  tls: DestinationTls,
) => Promise<object | undefined> | object;
