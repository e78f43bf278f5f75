import { nearest } from '../config/nearest.ts';

const cloudConnector =
  'goes through a Cloud Connector, which Portunus does not speak to; reach the system over the internet, with another type';

/** The types of the Destination service (destination-service.md 2.5) that have no flow here, and what to do instead. */
const without: Readonly<Record<string, string>> = {
  OAuth2TechnicalUserPropagation: cloudConnector,
  PrincipalPropagation: cloudConnector,
  SAPAssertionSSO: 'is deprecated and specified nowhere; use SAMLAssertion',
};

/** What to say to an Authentication that is none of the supported ones. */
export function explainUnsupported(authentication: string, supported: readonly string[]): string {
  if (Object.hasOwn(without, authentication)) return `${authentication} ${without[authentication]}`;
  const guess = nearest(authentication, supported);
  return `unknown authentication type; ${guess ? `did you mean ${guess}?` : `supported: ${supported.join(', ')}`}`;
}
