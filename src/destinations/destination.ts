import type { Target } from './read-target.ts';
import type { Served } from './served.ts';
import type { variants } from './variants.ts';

/**
 * A named remote system: where it is and how to authenticate there. A closed union by `authentication`; each variant
 * has exactly its own fields, declared in `variants.ts`. Made by `parse-destination.ts` only, frozen.
 * Source: destination-service.md section 2, xs-app.md section 5.
 */
export type Destination = { [A in Authentication]: DestinationOf<A> }[Authentication];

/** What the configuration can ask for, and what only destinations of the Destination service can be. */
export type Authentication = ConfiguredAuthentication | 'ServedToken' | 'ServedAssertion';

export type ConfiguredAuthentication = keyof typeof variants;

export type DestinationOf<A extends Authentication> = Target & { readonly authentication: A } & FieldsOf<A>;

/** What is a variant's own. */
export type FieldsOf<A extends Authentication> = A extends ConfiguredAuthentication
  ? NonNullable<Awaited<ReturnType<(typeof variants)[A]>>>
  : Served;
