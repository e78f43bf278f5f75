import { nearest } from '../config/nearest.ts';

/** All types of the Destination service (destination-service.md 2.5), with a flow here or not. */
const known = [
  'BasicAuthentication',
  'ClientCertificateAuthentication',
  'NoAuthentication',
  'OAuth2AuthorizationCode',
  'OAuth2ClientCredentials',
  'OAuth2JWTBearer',
  'OAuth2Password',
  'OAuth2RefreshToken',
  'OAuth2SAMLBearerAssertion',
  'OAuth2TechnicalUserPropagation',
  'OAuth2TokenExchange',
  'OAuth2UserTokenExchange',
  'PrincipalPropagation',
  'SAMLAssertion',
  'SAPAssertionSSO',
];

/** What to say to an Authentication that is none of the supported ones. */
export function explainUnsupported(authentication: string, supported: readonly string[]): string {
  if (known.includes(authentication))
    return `${authentication} is not supported yet; supported: ${supported.join(', ')}`;
  const guess = nearest(authentication, known);
  return `unknown authentication type; ${guess ? `did you mean ${guess}?` : `supported: ${supported.join(', ')}`}`;
}
