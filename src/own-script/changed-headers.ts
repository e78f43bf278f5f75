import type { IncomingHttpHeaders } from 'node:http';

/**
 * Headers as they came, with what own handlers have changed in `request.headers`: backends get what handlers say, as behind an
 * approuter. What came and is still the same keeps its spelling and its place.
 * @param raw name, value, name, value…
 * @param headers what node made of them, perhaps changed
 * @returns name, value, name, value…
 */
export function changedHeaders(raw: readonly string[], headers: IncomingHttpHeaders): string[] {
  const came = new Map<string, string[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    came.set(name, [...(came.get(name) ?? []), raw[i + 1] as string]);
  }
  const result: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    const lower = name.toLowerCase();
    if (isAsItCame(headers[lower], came.get(lower) ?? [])) result.push(name, value);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || isAsItCame(value, came.get(name) ?? [])) continue;
    for (const line of [value].flat()) result.push(name, String(line));
  }
  return result;
}

/** Lines of one name are joined by node, or the first of them counts (RFC 9110 5.3; cookies RFC 6265 5.4). */
function isAsItCame(value: string | string[] | undefined, lines: readonly string[]): boolean {
  if (value === undefined || lines.length === 0) return false;
  if (Array.isArray(value)) return value.length === lines.length && value.every((line, i) => line === lines[i]);
  return value === lines[0] || value === lines.join(', ') || value === lines.join('; ');
}
