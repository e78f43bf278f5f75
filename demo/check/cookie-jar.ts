/** The cookies of one browser. */
export interface CookieJar {
  /** Takes the `Set-Cookie` headers of an answer. */
  keep(url: URL, setCookies: readonly string[]): void;
  /** Value of the `Cookie` header for a request; empty when there is none to send. */
  headerFor(url: URL): string;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
}

/**
 * As RFC 6265 5 wants it, as far as one machine goes: ports do not count (8.5), so the router and the sign-in page on
 * localhost share a jar, as they do in a browser. `Secure` is not looked at: browsers trust loopback.
 */
export function makeCookieJar(): CookieJar {
  const jar = new Map<string, Cookie>();
  return {
    keep({ hostname: host, pathname }, setCookies) {
      for (const line of setCookies) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
        const [name, value] = cut(pair);
        const given = new Map(attributes.map((text) => cut(text)).map(([key, text]) => [key.toLowerCase(), text]));
        const path = given.get('path')?.startsWith('/') ? (given.get('path') ?? '/') : defaultPath(pathname);
        const key = JSON.stringify([host, path, name]);
        if (isOver(given)) jar.delete(key);
        else jar.set(key, { name, value, host, path });
      }
    },
    headerFor({ hostname, pathname }) {
      return [...jar.values()]
        .filter(({ host, path }) => host === hostname && isBelow(pathname, path))
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
    },
  };
}

function cut(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** RFC 6265 5.1.4. */
function defaultPath(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/';
}

function isBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}

/** RFC 6265 5.3: `Max-Age` wins over `Expires`. */
function isOver(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  return Date.parse(attributes.get('expires') ?? '') <= Date.now();
}
