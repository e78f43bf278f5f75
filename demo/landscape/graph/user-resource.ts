import type { LandscapeUser } from '../users.ts';
import { badRequest } from './graph-error.ts';

/** The default properties of a Graph user (token-flows.md B1). */
export function graphUser(user: LandscapeUser) {
  return {
    businessPhones: user.businessPhones,
    displayName: user.displayName,
    givenName: user.givenName,
    jobTitle: user.jobTitle,
    mail: user.email,
    mobilePhone: user.mobilePhone,
    officeLocation: user.officeLocation,
    preferredLanguage: user.preferredLanguage,
    surname: user.surname,
    userPrincipalName: user.email,
    id: user.oid,
  };
}

export type GraphUser = ReturnType<typeof graphUser>;

/** Applies `$select`: property names are case-insensitive (token-flows.md B1). @throws GraphError 400 unknown property */
export function select(user: GraphUser, names: readonly string[] | undefined): Record<string, unknown> {
  if (!names) return user;
  const entries = Object.entries(user);
  return Object.fromEntries(
    names.map((name) => {
      const entry = entries.find(([known]) => known.toLowerCase() === name.toLowerCase());
      if (!entry)
        throw badRequest(
          `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.user'.`,
        );
      return entry;
    }),
  );
}
