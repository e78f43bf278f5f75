/** An origin as configured: only what an entry names is compared (xs-app.md 8.4, 8.5, 8.8). */
export interface OriginEntry {
  /** Exact, or `*.domain`. */
  readonly host: string;
  readonly protocol?: string | undefined;
  readonly port?: string | number | undefined;
}

/** scheme "://" host [ ":" port ] (RFC 6454 7.1), as sent: origins are compared letter by letter (xs-app.md 8.4). */
const serialized = /^([a-z][a-z0-9+.-]*):\/\/([^\s/:@?#[\]]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/;
const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443', ws: '80', wss: '443' };

/** A test for the value of an `Origin` header; `null` and anything unreadable match nothing. */
export function originTest(entries: readonly OriginEntry[]): (origin: string) => boolean {
  return (origin) => {
    const [, scheme = '', host = '', port = defaultPorts[scheme] ?? ''] = serialized.exec(origin) ?? [];
    if (host === '') return false;
    return entries.some(
      (entry) =>
        hostMatches(entry.host, host) &&
        (entry.protocol === undefined || entry.protocol.replace(/:$/, '') === scheme) &&
        (entry.port === undefined || String(entry.port) === port),
    );
  };
}

function hostMatches(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  return host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}
