/** An origin as configured: only what an entry names is compared (xs-app.md 8.4, 8.5, 8.8). */
export interface OriginEntry {
  /** Exact, or `*.domain`. */
  readonly host: string;
  readonly protocol?: string | undefined;
  readonly port?: string | number | undefined;
}

/** A test for the value of an `Origin` header (RFC 6454); `null` and anything unreadable match nothing. */
export function originTest(entries: readonly OriginEntry[]): (origin: string) => boolean {
  return (origin) => {
    const url = URL.parse(origin);
    if (url === null || url.host === '') return false;
    return entries.some(
      (entry) =>
        hostMatches(entry.host, url.hostname) &&
        (entry.protocol === undefined || entry.protocol.replace(/:$/, '') === url.protocol.slice(0, -1)) &&
        (entry.port === undefined || String(entry.port) === portOf(url)),
    );
  };
}

function hostMatches(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  return host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}

function portOf(url: URL): string {
  return url.port || ({ 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443' }[url.protocol] ?? '');
}
