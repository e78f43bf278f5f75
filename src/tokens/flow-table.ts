import type { Authentication, DestinationOf } from '../destinations/destination.ts';
import type { Flow } from './flow.ts';
import { basic } from './flows/basic.ts';
import { clientCredentials } from './flows/client-credentials.ts';
import { jwtBearer } from './flows/jwt-bearer.ts';
import { noAuthentication } from './flows/no-authentication.ts';
import { samlBearer } from './flows/saml-bearer.ts';

/** Which flow serves which authentication type: exhaustive, or it does not compile. */
export const flowTable = {
  NoAuthentication: noAuthentication,
  BasicAuthentication: basic,
  OAuth2ClientCredentials: clientCredentials,
  OAuth2JWTBearer: jwtBearer,
  OAuth2SAMLBearerAssertion: samlBearer,
} satisfies { readonly [A in Authentication]: Flow<DestinationOf<A>> };
