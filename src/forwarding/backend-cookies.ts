import type { KeptCookie } from '../session/session-data.ts';

/** What becomes of a backend's Set-Cookie. */
export type CookieFate =
  | { readonly kind: 'to-client' }
  /** Session cookie: kept for the user, sent back to this destination only (xs-app.md 8.2). */
  | { readonly kind: 'keep'; readonly cookie: KeptCookie }
  /** Names nothing that could be kept. */
  | { readonly kind: 'drop' };

/**
 * Decides by the header's value alone: with `Expires` or `Max-Age` it is the client's, without it is kept.
 * A cookie named like the router's own is always kept: it must never overwrite the session (xs-app.md 4.3).
 */
export function fateOf(setCookie: string, isOwn: (name: string) => boolean): CookieFate {
  const [pair = '', ...attributes] = setCookie.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals).trim();
  if (equals <= 0 || name === '') return { kind: 'drop' };
  const attribute = (wanted: string) =>
    attributes.map((text) => text.trim()).find((text) => text.toLowerCase().startsWith(wanted));
  const lasting = attribute('expires=') !== undefined || attribute('max-age=') !== undefined;
  if (lasting && !isOwn(name)) return { kind: 'to-client' };
  const path = attribute('path=')?.slice('path='.length).trim();
  return {
    kind: 'keep',
    cookie: {
      name,
      value: pair.slice(equals + 1).trim(),
      path: path?.startsWith('/') ? path : '/',
      secure: attribute('secure')?.toLowerCase() === 'secure',
    },
  };
}

/** Cookies kept so far with new ones laid over them: same name and path replaces (RFC 6265 5.3 step 11). */
export function keepCookies(kept: readonly KeptCookie[], fresh: readonly KeptCookie[]): readonly KeptCookie[] {
  const replaced = (old: KeptCookie) => fresh.some(({ name, path }) => name === old.name && path === old.path);
  return [...kept.filter((old) => !replaced(old)), ...fresh];
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
  const fitting = kept
    .filter((cookie) => pathMatches(cookie.path, path) && (secure || !cookie.secure))
    .sort((a, b) => b.path.length - a.path.length);
  if (fitting.length === 0) return fromClient;
  const names = new Set(fitting.map(({ name }) => name));
  const rest = fromClient?.split('; ').filter((pair) => !names.has(pair.split('=', 1)[0] ?? '')) ?? [];
  return [...rest, ...fitting.map(({ name, value }) => `${name}=${value}`)].join('; ');
}

/** RFC 6265 5.1.4. */
function pathMatches(cookiePath: string, path: string): boolean {
  if (path === cookiePath) return true;
  return path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/');
}
