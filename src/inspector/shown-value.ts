/** Claims by which something can be had, or that stand for somebody's session: cut, whoever issued the token. */
const cut = new Set([
  ...['jti', 'nonce', 'sid', 'at_hash', 'c_hash', 's_hash', 'rt_hash', 'rev_sig', 'uti', 'aio', 'rh', 'code'],
  ...['authnres', 'session_state', 'origin_jti', 'event_id', 'device_id'],
]);
/** Names that say it themselves, wherever they stand. */
const secret = /secret|passw|assertion|saml|cookie|token$|private|api_?key/i;
const longest = 400;
const deepest = 6;
const widest = 100;

/**
 * A claim's value as it may be looked at, as JSON. A token of some services holds others (XSUAA's
 * `hdb.nameduser.saml` an assertion), and of some the id is as good as the token (UAA's `jti`, where it is opaque).
 */
export function shownValue(name: string, value: unknown): string {
  return JSON.stringify(harmless(name, value, 0)) ?? 'null';
}

function harmless(name: string, value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    if (cut.has(name)) return `${value.slice(0, Math.min(6, value.length / 2))}…`;
    return secret.test(name) ? '[…]' : shownText(value);
  }
  if (value === null || typeof value !== 'object') return value;
  if (depth >= deepest) return '…';
  if (Array.isArray(value)) return value.slice(0, widest).map((one) => harmless(name, one, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, widest)
      .map(([key, one]) => [shownText(key), harmless(secret.test(name) ? name : key, one, depth + 1)]),
  );
}

/** Text without what looks like a token, a key or an assertion, and no longer than one reads. */
export function shownText(text: string): string {
  const shown = withoutTokens(text).replace(/[A-Za-z0-9+/_=-]{65,}/g, '[…]');
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

/**
 * The same for a path or a URL, part by part: as a whole, the path of an OData service would pass for a key. What stands
 * between two slashes is hidden when it is longer than an id or a name.
 */
export function shownPath(path: string): string {
  const shown = withoutTokens(path).replace(/[A-Za-z0-9+_=-]{49,}/g, '[…]');
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

function withoutTokens(text: string): string {
  return text
    .slice(0, 4 * longest)
    .replace(/-----BEGIN[\s\S]*/g, '[…]')
    .replace(/\bey[\w-]{8,}(?:\.[\w-]*)*/g, '[…]'); // JWS or JWE: its header is an object
}
