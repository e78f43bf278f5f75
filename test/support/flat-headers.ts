/** Name, value, name, value… from a readable list; a name may come more than once. */
export function flat(pairs: readonly (readonly [string, string])[]): string[] {
  return pairs.flat();
}

/** All values of a header in a flat list, whatever its case. */
export function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === name.toLowerCase());
}

/** Names in a flat list, in lower case. */
export function namesOf(headers: readonly string[]): string[] {
  return headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
}
