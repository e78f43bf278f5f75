import type { DestinationServiceBinding } from '../config/destination-service-binding.ts';
import { type AskServiceSettings, createAskService } from '../destinations/bound-service/ask-service.ts';
import { clientDestination } from '../destinations/bound-service/client-destination.ts';
import { refusalOf } from '../destinations/bound-service/service-error.ts';
import { type Entry, isEntry } from './parse-export.ts';

/** Everything of a Destination service that a router can use. Holds secrets. */
export interface ServiceContent {
  /** Those of the instance hide those of the subaccount, as for Find. */
  readonly destinations: readonly Entry[];
  /** The key stores that destinations name, by name. */
  readonly certificates: ReadonlyMap<string, Uint8Array>;
  /** Names of key stores that are named and not there. */
  readonly missing: readonly string[];
}

/** Properties that name key stores. */
const locations = [
  'KeyStoreLocation',
  'tokenService.KeyStoreLocation',
  'TrustStoreLocation',
  'clientAssertion.KeyStoreLocation',
];

const levels = ['instance', 'subaccount'] as const;

/**
 * Reads a whole Destination service by its REST API (destination-service.md 4.6, section 5).
 * @throws AppError ERR_DESTINATION_SERVICE with what is wrong
 */
export async function readService(
  binding: DestinationServiceBinding,
  line: AskServiceSettings,
  env: (name: string) => string | undefined,
): Promise<ServiceContent> {
  const client = await clientDestination(binding, undefined, env);
  const ask = createAskService(line);
  const byName = new Map<string, Entry>();
  for (const level of levels) {
    const answer = await ask(client, `/v1/${level}Destinations`, {}, `of the ${level}`);
    if (answer.status !== 200 || !Array.isArray(answer.body)) throw refusalOf(`of the ${level}`, answer);
    for (const entry of answer.body) {
      if (!isEntry(entry) || typeof entry['Name'] !== 'string' || byName.has(entry['Name'])) continue;
      const { $metadata: _, ...properties } = entry;
      byName.set(entry['Name'], properties);
    }
  }
  const destinations = [...byName.values()];
  const named = new Set(destinations.flatMap((entry) => locations.map((key) => entry[key]).filter(isName)));
  const certificates = new Map<string, Uint8Array>();
  for (const name of named)
    for (const level of levels) {
      if (certificates.has(name)) continue;
      const { status, body } = await ask(client, `/v1/${level}Certificates/${encodeURIComponent(name)}`, {}, name);
      const content = status === 200 && isEntry(body) ? body['Content'] : undefined;
      if (typeof content === 'string') certificates.set(name, Buffer.from(content, 'base64'));
    }
  return { destinations, certificates, missing: [...named].filter((name) => !certificates.has(name)) };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
