import type { Entry } from './parse-export.ts';

/** A variable that stands for a secret. */
export interface HiddenSecret {
  readonly variable: string;
  readonly destination: string;
  readonly property: string;
  /** Empty: the source did not say it. */
  readonly value: string;
}

/** Properties that are secrets whatever they hold (destination-service.md 4.2). */
const secretNames =
  /(password|secret)$|^tokenService\.body\.(client_secret|client_assertion|assertion|password|refresh_token|code)$/i;

/** Headers, queries and fields by which people hand over keys. */
const secretParts =
  /^(URL|tokenServiceURL|tokenService)\.(headers|queries|body)\..*(authorization|api[-_]?key|token|secret|password|cookie|signature|^sig$)/i;

/** Not secret, though named so. */
const plainParts = /\.(requested_token_use|requested_token_type|token_format|subject_token_type|actor_token_type)$/i;

const reference = /\$\{env:[^}]*\}/;

export function isSecretProperty(name: string): boolean {
  return (secretNames.test(name) || secretParts.test(name)) && !plainParts.test(name);
}

/**
 * Puts references to variables in the place of secrets, so that none stands in a file that gets copied.
 * @param taken names that are in use; the ones chosen are added
 */
export function hideSecrets(
  entry: Entry,
  taken: Set<string>,
): { readonly entry: Entry; readonly hidden: HiddenSecret[] } {
  const destination = String(entry['Name'] ?? entry['name']);
  const hidden: HiddenSecret[] = [];
  const shown = Object.entries(entry).map(([property, value]): [string, unknown] => {
    if (!isSecretProperty(property) || (typeof value === 'string' && reference.test(value))) return [property, value];
    if (value === undefined || value === null) return [property, value];
    const variable = unused(`${inCapitals(destination)}_${inCapitals(property)}`, taken);
    hidden.push({ variable, destination, property, value: String(value) });
    return [property, `\${env:${variable}}`];
  });
  return { entry: Object.fromEntries(shown), hidden };
}

/** `tokenService.KeyStorePassword` → `TOKEN_SERVICE_KEY_STORE_PASSWORD`. */
function inCapitals(text: string): string {
  const words = text.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return words.toUpperCase().replace(/^(\d)/, '_$1');
}

function unused(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let n = 2; taken.has(candidate); n++) candidate = `${name}_${n}`;
  taken.add(candidate);
  return candidate;
}
