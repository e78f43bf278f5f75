/** `URL.queries.*` of the destination, added to the call. */
export function withQueries(path: string, queries: Readonly<Record<string, string>>): string {
  const added = new URLSearchParams(queries).toString();
  return added === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${added}`;
}
