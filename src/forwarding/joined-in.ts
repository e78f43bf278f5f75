/** All that a list of headers (name, value, name, value…) has under a lower-case name, as one list (RFC 9110 5.3). */
export function joinedIn(headers: readonly string[], wanted: string): string | undefined {
  const values = headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === wanted);
  return values.length === 0 ? undefined : values.join(', ');
}
