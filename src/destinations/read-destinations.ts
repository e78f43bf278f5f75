import { jsonFault } from '../config/json-fault.ts';
import { checkReferences, type Place } from './check-references.ts';
import type { Destination } from './destination.ts';
import type { DestinationContext } from './destination-context.ts';
import { parseDestination } from './parse-destination.ts';
import { type SetAside, setAside } from './set-aside.ts';

/** The destinations of the configuration, by name. */
export interface Destinations {
  get(name: string): Destination | undefined;
  readonly names: readonly string[];
  /** Names that something was said about, wrongly perhaps: those are reported where they are wrong. */
  readonly claimed?: ReadonlySet<string>;
  /** Those of the file that are of a kind nothing here can use, by name. */
  readonly setAside?: ReadonlyMap<string, SetAside>;
  /** A source as a whole could not be read, and was reported: what is missing may stand there. */
  readonly unread?: boolean;
}

/** Where destinations come from and what parsing them needs. */
export interface DestinationSources extends Omit<DestinationContext, 'file' | 'path' | 'now'> {
  /** Value of the environment variable `destinations`. */
  readonly environment: string | undefined;
  /** Name and text of `destinations.json`, when there is one. */
  readonly file: { readonly name: string; readonly text: string } | undefined;
  /** Milliseconds since the epoch; default: now. */
  readonly now?: number;
}

/** One object of a source, and where it stands there. */
interface Entry {
  readonly path: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Destinations parsed in one go: where the configuration is read anew, requests have their turn in between. */
const inOneGo = 20;

/**
 * Reads all destinations; of two with one name, that of the environment wins (design section 3), and the hidden one is
 * not even parsed. Everything that is wrong goes to `problems`. What a cockpit exports beside HTTP destinations is a
 * warning, and a problem only where something names it; whoever writes the variable meant each one (xs-app.md 1.2).
 */
export async function readDestinations(sources: DestinationSources): Promise<Destinations> {
  const { environment, file, now = Date.now(), ...context } = sources;
  const found = new Map<string, Destination>();
  const taken = new Map<string, Place>();
  const aside = new Map<string, SetAside>();
  let unread = false;
  const read = async (name: string, entries: readonly Entry[] | undefined) => {
    const hidden = new Set(taken.keys());
    unread ||= entries === undefined;
    for (const [index, { path, raw }] of (entries ?? []).entries()) {
      if (index % inOneGo === inOneGo - 1) await new Promise((others) => setImmediate(others));
      const at = { ...context, now, file: name, path };
      const known = raw['Name'] ?? raw['name'];
      if (typeof known === 'string' && hidden.has(known)) continue;
      if (typeof known === 'string' && taken.has(known))
        context.problems.add(name, path, `there is another destination ${known}; names must be unique`);
      else if (typeof known === 'string') taken.set(known, { file: name, path });
      const unusable = name === 'destinations' ? undefined : setAside(raw);
      if (unusable !== undefined && typeof known === 'string') {
        aside.set(known, unusable);
        context.problems.warn(name, atProperty(path, unusable.property), `${known} cannot be used: ${unusable.why}`);
        continue;
      }
      const destination = await parseDestination(raw, at);
      if (destination && !found.has(destination.name)) found.set(destination.name, destination);
    }
  };
  if (environment !== undefined) await read('destinations', entriesOf('destinations', environment, sources));
  if (file) await read(file.name, entriesOf(file.name, file.text, sources));
  checkReferences(found, taken, aside, context.problems);
  return Object.freeze({
    get: (name: string) => found.get(name),
    names: Object.freeze([...found.keys()]),
    claimed: new Set(taken.keys()),
    setAside: aside,
    unread,
  });
}

/**
 * The objects of a JSON text: an array, or a single one; each flat, or wrapped as the Destination service answers.
 * @returns undefined when it is neither
 */
function entriesOf(file: string, text: string, { problems }: DestinationSources): Entry[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    problems.add(file, '', jsonFault(cause, text), 'invalid-json');
    return undefined;
  }
  const entries: Entry[] = [];
  const take = (path: string, raw: unknown) => {
    if (!isObject(raw)) return problems.add(file, path, 'must be an object with the properties of a destination');
    const inner = raw['destinationConfiguration'];
    if (!isObject(inner)) return entries.push({ path, raw });
    return entries.push({
      path: path === '' ? 'destinationConfiguration' : `${path}/destinationConfiguration`,
      raw: inner,
    });
  };
  if (Array.isArray(parsed)) for (const [index, raw] of parsed.entries()) take(String(index), raw);
  else if (isObject(parsed) && file !== 'destinations') take('', parsed);
  else {
    problems.add(file, '', 'must be a JSON array of destinations');
    return undefined;
  }
  return entries;
}

function atProperty(path: string, property: string): string {
  return path === '' ? property : `${path}/${property}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
