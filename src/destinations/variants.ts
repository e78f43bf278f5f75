import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { readAssertionType } from './read-assertion-type.ts';
import { warnIfUnproven } from './read-client-authentication.ts';
import { readClientCertificate } from './read-client-certificate.ts';
import { readSamlProfile } from './read-saml-profile.ts';
import type { Target } from './read-target.ts';
import type { DestinationTls } from './read-tls.ts';
import { readTokenService } from './read-token-service.ts';
import { readBelievedUserToken, readUserToken } from './read-user-token.ts';
import type { SamlAssertionProfile } from './saml-profile.ts';
import type { ClientTls } from './tls.ts';
import type { ClientAssertionType, TokenService } from './token-service.ts';
import type { UserTokenRules } from './user-token.ts';

/** What the OAuth types have, and those of them that act for a user. */
interface OAuth {
  readonly tokenService: TokenService;
}
interface UserOAuth extends OAuth {
  readonly userToken: UserTokenRules;
}

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

  async ClientCertificateAuthentication(p, context, tls, { url }): Promise<{ readonly tls: ClientTls } | undefined> {
    const clientCertificate = await readClientCertificate(p, context, url);
    return clientCertificate && { tls: { ...tls.target, clientCertificate } };
  },

  async OAuth2ClientCredentials(
    p,
    context,
    tls,
  ): Promise<
    OAuth & {
      /** Its token may be another destination's client assertion. */ readonly assertionType:
        | ClientAssertionType
        | undefined;
    }
  > {
    return { ...(await readClientOAuth(p, context, tls)), assertionType: readAssertionType(p) };
  },

  async OAuth2Password(p, context, tls): Promise<OAuth & { readonly user: string; readonly password: string }> {
    const why = 'OAuth2Password needs User and Password';
    return {
      ...(await readClientOAuth(p, context, tls)),
      user: p.required('User', why),
      password: p.required('Password', why),
    };
  },

  async OAuth2JWTBearer(p, context, tls): Promise<UserOAuth> {
    return { ...(await readOAuth(p, context, tls)), userToken: readUserToken(p) };
  },

  async OAuth2UserTokenExchange(p, context, tls): Promise<UserOAuth> {
    return { ...(await readOAuth(p, context, tls)), userToken: readUserToken(p) };
  },

  async OAuth2RefreshToken(p, context, tls): Promise<OAuth> {
    warnOfRoutes(p, 'refresh token');
    return readOAuth(p, context, tls);
  },

  async OAuth2AuthorizationCode(p, context, tls): Promise<OAuth> {
    warnOfRoutes(p, 'authorization code');
    return readOAuth(p, context, tls);
  },

  async OAuth2TokenExchange(p, context, tls): Promise<UserOAuth> {
    return { ...(await readOAuth(p, context, tls)), userToken: readUserToken(p) };
  },

  async OAuth2SAMLBearerAssertion(
    p,
    context,
    tls,
  ): Promise<
    | (UserOAuth & {
        /** undefined: the caller brings the assertion. */ readonly saml: SamlAssertionProfile | undefined;
      })
    | undefined
  > {
    const tokenService = await readTokenService(p, context, tls, 'clientKey');
    const userToken = readBelievedUserToken(p);
    if (p.oneOf('SAMLAssertionProvider', ['DestinationServiceGenerated', 'ClientProvided']) === 'ClientProvided') {
      warnOfRoutes(p, 'SAML assertion');
      return { tokenService, userToken, saml: undefined };
    }
    const { endpoint: recipient, clientId: clientKey } = tokenService;
    const saml = await readSamlProfile(p, context, { recipient, clientKey, encodings: ['base64url', 'base64'] });
    return saml && { tokenService, userToken, saml };
  },

  async SAMLAssertion(
    p,
    context,
    _tls,
    { headers },
  ): Promise<
    | { readonly saml: SamlAssertionProfile; readonly userToken: UserTokenRules; readonly headers: Target['headers'] }
    | undefined
  > {
    const defaults = {
      recipient: undefined,
      clientKey: p.text('clientKey'),
      encodings: ['base64', 'base64url'],
    } as const;
    const saml = await readSamlProfile(p, context, defaults);
    // ABAP opens a session with it, so that not every call needs an assertion of its own (destination-service.md 2.8).
    return (
      saml && { saml, userToken: readBelievedUserToken(p), headers: { 'x-sap-security-session': 'create', ...headers } }
    );
  },
} satisfies Record<string, VariantReader>;

/** Reads a variant's own fields; what is wrong goes to `p`. Undefined only after a problem was reported. */
type VariantReader = (
  p: Properties,
  context: DestinationContext,
  tls: DestinationTls,
  target: Pick<Target, 'url' | 'headers'>,
) => Promise<object | undefined> | object;

async function readOAuth(p: Properties, context: DestinationContext, tls: DestinationTls): Promise<OAuth> {
  const tokenService = await readTokenService(p, context, tls, 'clientId');
  warnIfUnproven(p, tokenService);
  return { tokenService };
}

/** A token service with an address for each tenant wants to know which, and here is no user whose token could tell. */
async function readClientOAuth(p: Properties, context: DestinationContext, tls: DestinationTls): Promise<OAuth> {
  const { tokenService } = await readOAuth(p, context, tls);
  if (tokenService.tenancy && tokenService.tenancy.configured === undefined)
    p.warn(
      'tokenServiceURLType',
      'Common needs a tenant, and a proxied request names none; set tokenServiceURL.tenant',
    );
  return { tokenService };
}

/** Such destinations are for callers of the Destination service's API, who bring what a proxied request has not. */
function warnOfRoutes(p: Properties, missing: string): void {
  p.warn('Authentication', `cannot serve routes: a proxied request brings no ${missing}; a caller of the API does`);
}
