import type { Authentication, DestinationOf } from '../destinations/destination.ts';
import type { Flow } from './flow.ts';
import { authorizationCode } from './flows/authorization-code.ts';
import { basic } from './flows/basic.ts';
import { clientCertificate } from './flows/client-certificate.ts';
import { clientCredentials } from './flows/client-credentials.ts';
import { jwtBearer } from './flows/jwt-bearer.ts';
import { noAuthentication } from './flows/no-authentication.ts';
import { password } from './flows/password.ts';
import { refreshToken } from './flows/refresh-token.ts';
import { samlAssertion } from './flows/saml-assertion.ts';
import { samlBearer } from './flows/saml-bearer.ts';
import { servedAssertion, servedToken } from './flows/served.ts';
import { tokenExchange } from './flows/token-exchange.ts';
import { userTokenExchange } from './flows/user-token-exchange.ts';

/** Which flow serves which authentication type: exhaustive, or it does not compile. */
export const flowTable = {
  NoAuthentication: noAuthentication,
  BasicAuthentication: basic,
  ClientCertificateAuthentication: clientCertificate,
  OAuth2ClientCredentials: clientCredentials,
  OAuth2Password: password,
  OAuth2JWTBearer: jwtBearer,
  OAuth2UserTokenExchange: userTokenExchange,
  OAuth2RefreshToken: refreshToken,
  OAuth2AuthorizationCode: authorizationCode,
  OAuth2TokenExchange: tokenExchange,
  OAuth2SAMLBearerAssertion: samlBearer,
  SAMLAssertion: samlAssertion,
  ServedToken: servedToken,
  ServedAssertion: servedAssertion,
} satisfies { readonly [A in Authentication]: Flow<DestinationOf<A>> };
