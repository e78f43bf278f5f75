import type { KeptCookie } from '../session/session-data.ts';

/** What becomes of a backend's Set-Cookie. */
export type CookieFate =
  /** Lasts beyond the session: the client's. `ended` when its end is past already: the backend takes it back. */
  | { readonly kind: 'to-client'; readonly cookie: KeptCookie; readonly ended: boolean }
  /** Session cookie: kept for the user, sent back to this destination only (xs-app.md 8.2). */
  | { readonly kind: 'keep'; readonly cookie: KeptCookie; readonly ended: boolean }
  /** Names nothing that could be kept. */
  | { readonly kind: 'drop' };

/**
 * Decides by the header's value alone: with `Expires` or `Max-Age` it is the client's, without it is kept.
 * A cookie named like the router's own is always kept: it must never overwrite the session (xs-app.md 4.3).
 * @param requestPath of the request it answers; a cookie that names no path is for what lies beside (RFC 6265 5.1.4)
 */
export function fateOf(setCookie: string, isOwn: (name: string) => boolean, requestPath = '/'): CookieFate {
  const [pair = '', ...rest] = setCookie.split(';');
  const [name, value] = cut(pair);
  if (name === '' || !pair.includes('=')) return { kind: 'drop' };
  const attributes = new Map(rest.map((text) => cut(text)).map(([key, text]) => [key.toLowerCase(), text]));
  const path = attributes.get('path');
  const cookie = {
    name,
    value,
    path: path?.startsWith('/') ? path : folderOf(requestPath),
    secure: attributes.has('secure'),
  };
  const ended = hasEnded(attributes);
  const lasting = attributes.has('expires') || attributes.has('max-age');
  return { kind: lasting && !isOwn(name) ? 'to-client' : 'keep', cookie, ended };
}

/** RFC 6265 5.1.4: the path up to its last slash, `/` at least. @param target path, with or without query */
function folderOf(target: string): string {
  const path = target.split('?', 1)[0] ?? '';
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** RFC 6265 5.3 step 3: `Max-Age` wins over `Expires`. */
function hasEnded(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  return Date.parse(attributes.get('expires') ?? '') <= Date.now();
}

function cut(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** What browsers keep of a cookie at most, in characters of name, value and path (RFC 6265 6.1); a larger one is not kept. */
const longestCookie = 4_096;
/** Cookies kept for one destination at most, and characters of all that a session keeps; the oldest go. */
const mostCookies = 50;
const mostCharacters = 65_536;

/**
 * Keeps what a destination set within the bounds of one session (RFC 6265 6.1): the oldest cookies go, of the destination
 * that has most. So no backend makes a session grow without end, nor pushes out what few cookies another one needs.
 * @param jars what the session keeps by destination
 * @param kept the new content of the jar of `destination`
 * @param room characters that all of them may have together
 * @returns the jars that change
 */
export function boundJars(
  jars: Readonly<Record<string, readonly KeptCookie[]>>,
  destination: string,
  kept: readonly KeptCookie[],
  room = mostCharacters,
): Record<string, readonly KeptCookie[]> {
  const fitting = kept.filter((cookie) => sizeOf(cookie) <= longestCookie).slice(-mostCookies);
  const sizes = new Map(Object.entries(jars).map(([name, jar]) => [name, sumOf(jar)]));
  sizes.set(destination, sumOf(fitting));
  let excess = [...sizes.values()].reduce((sum, size) => sum + size, 0) - room;
  const changed = new Map([[destination, fitting]]);
  while (excess > 0) {
    const [fullest = destination] = [...sizes].reduce((a, b) => (b[1] > a[1] ? b : a));
    const [oldest, ...rest] = changed.get(fullest) ?? jars[fullest] ?? [];
    if (oldest === undefined) break;
    changed.set(fullest, rest);
    sizes.set(fullest, (sizes.get(fullest) ?? 0) - sizeOf(oldest));
    excess -= sizeOf(oldest);
  }
  return Object.fromEntries(changed);
}

function sizeOf({ name, value, path }: KeptCookie): number {
  return name.length + value.length + path.length;
}

function sumOf(cookies: readonly KeptCookie[]): number {
  return cookies.reduce((sum, cookie) => sum + sizeOf(cookie), 0);
}

/** Cookies kept so far with new ones laid over them: same name and path replaces (RFC 6265 5.3 step 11), an ended one goes. */
export function keepCookies(
  kept: readonly KeptCookie[],
  fresh: readonly KeptCookie[],
  ended: readonly KeptCookie[] = [],
): readonly KeptCookie[] {
  const same = (a: KeptCookie) => (b: KeptCookie) => a.name === b.name && a.path === b.path;
  const last = fresh.filter((cookie, i) => !fresh.slice(i + 1).some(same(cookie)));
  return [...kept.filter((old) => !fresh.some(same(old))), ...last].filter((cookie) => !ended.some(same(cookie)));
}

/**
 * The Cookie header for an upstream: what the client sent it, then what was kept and fits path and scheme
 * (RFC 6265 5.4; longer paths first). A kept cookie wins over the client's of the same name.
 */
export function cookieHeader(
  fromClient: string | undefined,
  kept: readonly KeptCookie[],
  path: string,
  secure: boolean,
): string | undefined {
  const fitting = fittingCookies(kept, path, secure).sort((a, b) => b.path.length - a.path.length);
  if (fitting.length === 0) return fromClient;
  const names = new Set(fitting.map(({ name }) => name));
  const rest = fromClient?.split('; ').filter((pair) => !names.has(pair.split('=', 1)[0] ?? '')) ?? [];
  return [...rest, ...fitting.map(({ name, value }) => `${name}=${value}`)].join('; ');
}

/** Those that go with a request (RFC 6265 5.4). @param path without query @param secure whether it goes over TLS */
export function fittingCookies(kept: readonly KeptCookie[], path: string, secure: boolean): KeptCookie[] {
  return kept.filter((cookie) => pathMatches(cookie.path, path) && (secure || !cookie.secure));
}

/** RFC 6265 5.1.4. */
function pathMatches(cookiePath: string, path: string): boolean {
  if (path === cookiePath) return true;
  return path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/');
}
