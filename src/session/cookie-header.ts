/** Value of the first cookie of that name in a Cookie header, as it stands there; undefined when there is none. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  return findCookie(header, name, (value) => value);
}

/**
 * What the first cookie of that name is good for that is good for anything; undefined when none is.
 * @param use of its value, as it stands there
 */
export function findCookie<T>(
  header: string | undefined,
  name: string,
  use: (value: string) => T | undefined,
): T | undefined {
  if (header === undefined) return undefined;
  let from = 0;
  let equals = -1;
  while (from < header.length) {
    let end = header.indexOf(';', from);
    if (end < 0) end = header.length;
    // Looked for once, not behind each semicolon to the end of the header (T-27).
    if (equals < from) equals = header.indexOf('=', from);
    if (equals < 0) return undefined;
    if (equals < end && header.slice(from, equals).trim() === name) {
      const used = use(header.slice(equals + 1, end).trim());
      if (used !== undefined) return used;
    }
    from = end + 1;
  }
  return undefined;
}

/** Names of all cookies in a Cookie header. */
export function cookieNames(header: string | undefined): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.split('=', 1)[0]?.trim() ?? '')
    .filter(Boolean);
}

/**
 * A Cookie header without some of its cookies; what stays, stays as it was written.
 * @returns undefined when nothing is left
 */
export function withoutCookies(header: string | undefined, drop: (name: string) => boolean): string | undefined {
  if (header === undefined) return undefined;
  if (!header.includes(';') && drop(header.split('=', 1)[0]?.trim() ?? '')) return undefined;
  const kept = header.split(';').filter((pair) => pair.trim() !== '' && !drop(pair.split('=', 1)[0]?.trim() ?? ''));
  return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ');
}
