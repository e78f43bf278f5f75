import { parseProperties, removedSecret } from './parse-properties.ts';

/** Properties of a destination as somebody wrote or exported them. May hold secrets. */
export type Entry = Readonly<Record<string, unknown>>;

/** A file, and what it turned out to be. */
export type Parsed =
  | { readonly kind: 'destinations'; readonly entries: readonly Entry[] }
  | { readonly kind: 'service key'; readonly credentials: Entry };

/**
 * Reads what a cockpit exports, in JSON or as `Key=Value` lines, or a service key of the Destination service
 * (destination-service.md 1.1, 4.6).
 * @throws Error that says what is wrong, without quoting the content
 */
export function parseExport(name: string, text: string): Parsed {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (!/^[[{]/.test(trimmed)) return { kind: 'destinations', entries: [parseLines(name, trimmed)] };
  let parsed: unknown;
  try {
    parsed = JSON.parse(trimmed);
  } catch {
    throw new Error(`${name} is neither valid JSON nor Key=Value lines`);
  }
  const key = serviceKeyIn(parsed);
  if (key !== undefined) return { kind: 'service key', credentials: key };
  const entries = (Array.isArray(parsed) ? parsed : [parsed]).map((entry, index) => {
    const inner =
      isEntry(entry) && isEntry(entry['destinationConfiguration']) ? entry['destinationConfiguration'] : entry;
    if (!isEntry(inner) || typeof (inner['Name'] ?? inner['name']) !== 'string')
      throw new Error(`${name} holds no destination at place ${index}: one has at least a Name`);
    return withoutRemoved(inner);
  });
  return { kind: 'destinations', entries };
}

function parseLines(name: string, text: string): Entry {
  const entry = parseProperties(text);
  if (entry['Name'] !== undefined) return entry;
  throw new Error(`${name} holds no destination: it has no line Name=…`);
}

/** A key is the credentials themselves, or has them under `credentials`, as platforms print it. */
function serviceKeyIn(parsed: unknown): Entry | undefined {
  if (!isEntry(parsed)) return undefined;
  const candidate = isEntry(parsed['credentials']) ? parsed['credentials'] : parsed;
  const has = (name: string) => typeof candidate[name] === 'string';
  return has('uri') && has('clientid') && (has('clientsecret') || has('certificate')) ? candidate : undefined;
}

/** What stands where a secret was is no secret. */
function withoutRemoved(entry: Entry): Entry {
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [key, removedSecret.test(String(value)) ? '' : value]),
  );
}

export function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
