/** What a cockpit puts in the place of a secret when it exports. */
export const removedSecret = /^\s*(<<.*removed on export.*>>|\*{3,})\s*$/i;

/**
 * Reads `Key=Value` lines as cockpits write them, which are Java properties: `\:`, `\=`, `\ ` and `\uXXXX` are escaped, a
 * backslash at the end continues the line. A commented line that stands for a removed secret gives the key with an empty
 * value; all other comments are left out.
 */
export function parseProperties(text: string): Readonly<Record<string, string>> {
  const entries: Record<string, string> = Object.create(null);
  const lines = text.replace(/\\\r?\n[ \t]*/g, '').split(/\r?\n/);
  for (const line of lines) {
    const commented = /^\s*[#!]/.test(line);
    const content = commented ? line.replace(/^\s*[#!]\s*/, '') : line;
    const [, key, value] = /^\s*((?:\\.|[^\\=:\s])+)\s*[=:\s]\s*(.*)$/.exec(content) ?? [];
    if (key === undefined || value === undefined) continue;
    const removed = removedSecret.test(value);
    if (commented && !removed) continue;
    entries[unescaped(key)] = removed ? '' : unescaped(value);
  }
  return { ...entries };
}

const control: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, char = '') =>
    hex === undefined ? (control[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
