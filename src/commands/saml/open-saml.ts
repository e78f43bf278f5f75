import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { anonymous, type Claims } from '../../authorization/principal.ts';
import { nameOf, readEntries } from '../../destination-files/destinations-file.ts';
import { innerOf, isObject } from '../../destination-service/flat.ts';
import type { DestinationOf } from '../../destinations/destination.ts';
import type { SamlAssertionProfile } from '../../destinations/saml-profile.ts';
import { jwtPart } from '../../session/jwt-part.ts';
import { type CommandCall, UsageError } from '../command.ts';
import type { OpenDestinations } from '../open-destinations.ts';
import { findIn } from '../try-destination.ts';

/** A destination whose flow makes an assertion. */
export interface SamlDestination {
  readonly destination: DestinationOf<'OAuth2SAMLBearerAssertion'> | DestinationOf<'SAMLAssertion'>;
  readonly saml: SamlAssertionProfile;
  /** Whether a property is written there; of what comes from a bound service it is not known. */
  readonly says: (property: string) => boolean;
}

/** @throws AppError when there is no such destination, Error when it makes no assertion */
export async function openSaml(open: OpenDestinations, call: CommandCall, name: string): Promise<SamlDestination> {
  const { value: destination } = await findIn(open, name, anonymous);
  const { authentication } = destination;
  if (authentication !== 'OAuth2SAMLBearerAssertion' && authentication !== 'SAMLAssertion')
    throw new Error(`destination ${name} is of the type ${authentication}: no SAML assertion is made for it`);
  const { saml } = destination;
  if (saml === undefined)
    throw new Error(`destination ${name} has SAMLAssertionProvider=ClientProvided: its callers bring the assertion`);
  const written = await propertiesOf(open, call, name);
  return { destination, saml, says: (property) => written.has(property) };
}

/** Names of the properties as they are written, empty ones left out. */
async function propertiesOf(
  { environment }: OpenDestinations,
  { workingDirectory }: CommandCall,
  name: string,
): Promise<ReadonlySet<string>> {
  const given: unknown = JSON.parse(environment.get('destinations') ?? '[]');
  const entries = [...(Array.isArray(given) ? given.filter(isObject) : []), ...(await readEntries(workingDirectory))];
  const entry = entries.find((one) => nameOf(one) === name);
  const pairs = entry === undefined ? [] : Object.entries(innerOf(entry));
  return new Set(pairs.flatMap(([key, value]) => (value === '' || value === null ? [] : [key])));
}

/**
 * Claims of a user, for a trial: a JSON object, or a token, whose claims are believed as they stand.
 * @throws UsageError when the file holds neither
 */
export async function readClaims(
  file: string | undefined,
  { workingDirectory }: CommandCall,
): Promise<Claims | undefined> {
  if (file === undefined) return undefined;
  const text = (await readFile(path.resolve(workingDirectory, file.replace(/^@/, '')), 'utf8')).trim();
  const token = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
  const claims = token ? jwtPart(text, 'claims') : parsed(text);
  if (isObject(claims)) return Object.freeze(claims);
  throw new UsageError(`--user: ${file} must hold the claims of a user as a JSON object, or a token (JWT)`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
