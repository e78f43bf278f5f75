import type { Authentication, Destination } from './destination.ts';

/** That one destination needs a token of another. */
export interface Reference {
  /** What the token is needed as. */
  readonly as: 'client assertion' | 'user token';
  /** Name of the property that says so, for messages. */
  readonly property: string;
  /** Name of the other destination. */
  readonly name: string;
}

const none: readonly Reference[] = Object.freeze([]);

/** Which other destinations' tokens go into the requests of this one. */
export function referencesOf(destination: Destination): readonly Reference[] {
  const proof = 'tokenService' in destination ? destination.tokenService.clientAuthentication : undefined;
  const assertion = proof?.method === 'fetched_assertion' ? proof.destinationName : undefined;
  const user = 'userToken' in destination ? destination.userToken.destinationName : undefined;
  if (assertion === undefined && user === undefined) return none;
  const references: Reference[] = [];
  if (user !== undefined) references.push({ as: 'user token', property: 'userToken.destinationName', name: user });
  if (assertion !== undefined)
    references.push({ as: 'client assertion', property: 'clientAssertion.destinationName', name: assertion });
  return references;
}

/** Types that get a token for the user who calls. */
const forUsers: ReadonlySet<string> = new Set<Authentication>([
  'OAuth2JWTBearer',
  'OAuth2SAMLBearerAssertion',
  'OAuth2TokenExchange',
  'OAuth2UserTokenExchange',
]);

/** Why a destination cannot give what another one needs of it, or undefined when it can. */
export function unfitFor(as: Reference['as'], destination: Destination): string | undefined {
  switch (as) {
    case 'client assertion':
      if (destination.authentication !== 'OAuth2ClientCredentials')
        return `must be of type OAuth2ClientCredentials, not ${destination.authentication}`;
      return destination.assertionType === undefined ? 'must say in clientAssertion.type what its token is' : undefined;
    case 'user token':
      return forUsers.has(destination.authentication)
        ? undefined
        : `must get a token for the user: ${[...forUsers].join(', ')}; not ${destination.authentication}`;
  }
}
