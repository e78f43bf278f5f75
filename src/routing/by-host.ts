/** Hosts that are remembered as clients write them: a name below `*.domain` may be any, and looking for it costs a parse. */
const mostKnown = 1_000;

/**
 * What belongs to a host: under its own name, else under the longest `*.domain` that it is below, else what belongs to all
 * others. Port, case and the dot of a full name do not count (RFC 9110 4.2.3): whoever writes a host otherwise gets no
 * other rules for it (T-07).
 * @param named by names as `hostPattern` gives them
 */
export function byHost<T extends object>(named: ReadonlyMap<string, T>, otherwise: T): (host: string) => T {
  const known = new Map<string, T>();
  return (host) => {
    const before = known.get(host);
    if (before !== undefined) return before;
    const found = lookUp(named, hostName(host)) ?? otherwise;
    if (known.size < mostKnown) known.set(host, found);
    return found;
  };
}

/** @returns the one spelling of a host that a setting names, or of `*.domain`; undefined: it is neither */
export function hostPattern(text: string): string | undefined {
  const [, star = '', rest = ''] = /^(\*\.)?(.*)$/.exec(text) ?? [];
  if (!/^(?:[^\s/\\:@?#%*[\]]+|\[[0-9a-f:.]+\])$/i.test(rest)) return undefined;
  const name = hostName(rest);
  // Nothing is below an address.
  if (name === '' || (star !== '' && /^\[|^[\d.]+$/.test(name))) return undefined;
  return star + name;
}

/** Lower case, ASCII, without port and dots at its end; empty: it is no host. */
function hostName(host: string): string {
  return URL.parse(`http://${host}`)?.hostname.replace(/\.+$/, '') ?? '';
}

function lookUp<T>(named: ReadonlyMap<string, T>, name: string): T | undefined {
  let found = named.get(name);
  for (let dot = name.indexOf('.', 1); found === undefined && dot > 0; dot = name.indexOf('.', dot + 1))
    found = named.get(`*${name.slice(dot)}`);
  return found;
}
