/**
 * A destination or fragment as the Destination service knows it: a flat object of texts (destination-service.md section
 * 0 #1). May hold secrets.
 */
export type Flat = Readonly<Record<string, string>>;

/** What answers carry beside the properties; left in by who copies a whole answer into a file. */
const leftovers = new Set(['owner', 'authTokens', 'certificates']);

/** The approuter's spelling of what must be there (xs-app.md 5.1). */
const approuterNames: Readonly<Record<string, string>> = { name: 'Name', url: 'URL' };

/**
 * An entry of `destinations.json`, whatever way it is written there, as the API answers it: numbers and booleans become
 * texts, and what has no text is left out.
 */
export function flatten(entry: Readonly<Record<string, unknown>>): Flat {
  const pairs = Object.entries(innerOf(entry)).flatMap(([key, value]): [string, string][] => {
    if (leftovers.has(key) || key.startsWith('$')) return [];
    const name = Object.hasOwn(approuterNames, key) ? (approuterNames[key] ?? key) : key;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[name, String(value)]]
      : [];
  });
  return Object.freeze(Object.fromEntries(pairs));
}

/** The properties of an entry: itself, or what stands inside when a whole answer of Find was copied. */
export function innerOf(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const inner = entry['destinationConfiguration'];
  return isObject(inner) ? inner : entry;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
