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
  const unreachable = explainUnreachable(authentication);
  if (unreachable !== undefined) return unreachable;
  const guess = nearest(authentication, supported);
  return `unknown authentication type; ${guess ? `did you mean ${guess}?` : `supported: ${supported.join(', ')}`}`;
}

/** What to say to a type that exists and has no flow here; undefined to any other. */
export function explainUnreachable(authentication: string): string | undefined {
  return Object.hasOwn(without, authentication) ? `${authentication} ${without[authentication]}` : undefined;
}
