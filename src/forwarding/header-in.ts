/** The value that a list of headers (name, value, name, value…) has under a lower-case name; the first of several. */
export function headerIn(headers: readonly string[], wanted: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === wanted.length && name.toLowerCase() === wanted) return headers[i + 1];
  }
  return undefined;
}
