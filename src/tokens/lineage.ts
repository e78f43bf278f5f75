import type { Destination } from '../destinations/destination.ts';
import { type Reference, referencesOf, unfitFor } from '../destinations/references.ts';
import { AppError } from '../errors/app-error.ts';
import { type FlowInput, noInput } from './flow-input.ts';

/** The destination of a name, as another one that needs it means it. */
export type Find = (name: string, of: Destination) => Destination | undefined;

/** What a destination needs of others, and what its caller wants it to need. */
export function needsOf(destination: Destination, input: FlowInput): readonly Reference[] {
  const configured = referencesOf(destination);
  if (input === noInput) return configured;
  const asked: readonly (Reference | undefined)[] = [
    referenceTo('user token', 'X-chain-var-tokenTransformationDestinationName', input.userTokenDestination),
    referenceTo('client assertion', 'X-client-assertion-destination-name', input.clientAssertionDestination),
  ];
  const wanted = asked.filter((reference) => reference !== undefined);
  const kept = configured.filter(({ as }) => wanted.every((other) => other.as !== as));
  // An assertion that is handed in wins over everything (destination-service.md 2.6).
  const needed = ({ as }: Reference) => as !== 'client assertion' || input.clientAssertion === undefined;
  return [...wanted, ...kept].filter(needed);
}

function referenceTo(as: Reference['as'], property: string, name: string | undefined): Reference | undefined {
  return name === undefined ? undefined : { as, property, name };
}

/**
 * Stands in cache keys for a destination and all whose tokens go into its requests: their fingerprints. The start checks
 * references of the configuration; those that come otherwise are checked here.
 * @throws AppError ERR_CREDENTIAL (502): one is missing or cannot give what is needed, or they go in a circle
 */
export function lineageOf(destination: Destination, input: FlowInput, find: Find, way: readonly string[] = []): string {
  const needs = needsOf(destination, input);
  const own = signedFingerprint(destination);
  if (needs.length === 0) return own;
  const names = [...way, destination.name];
  const ancestors = needs.map((need) => {
    if (names.includes(need.name)) throw broken(destination, need, 'leads back to where it began');
    return lineageOf(provider(destination, need, find), noInput, find, names);
  });
  return [own, ...ancestors].join('+');
}

/** The default trust's key may have changed since the destination was read. */
function signedFingerprint(destination: Destination): string {
  if (!('saml' in destination) || destination.saml === undefined) return destination.fingerprint;
  return `${destination.fingerprint}:${destination.saml.signingKey.latest().fingerprint}`;
}

/** The destination that gives what is needed. @throws AppError ERR_CREDENTIAL (502) */
export function provider(destination: Destination, need: Reference, find: Find): Destination {
  const found = find(need.name, destination);
  if (found === undefined) throw broken(destination, need, 'does not exist');
  const unfit = unfitFor(need.as, found);
  if (unfit !== undefined) throw broken(destination, need, unfit);
  return found;
}

function broken({ name }: Destination, need: Reference, why: string): AppError {
  return new AppError({
    code: 'ERR_CREDENTIAL',
    status: 502,
    detail: `Destination ${name} needs a ${need.as} of destination ${need.name}, which ${why}.`,
    hint: `Check ${need.property} of ${name}.`,
    members: { destination: name },
  });
}
