import { nearest } from '../config/nearest.ts';

/** A page of the documentation. */
export interface Page {
  /** As it is named to people, e.g. `docs/destinations.md`. */
  readonly name: string;
  /** Markdown. */
  readonly text: string;
}

/** What a page says of a name: a row of one of its tables. */
export interface Entry {
  readonly page: string;
  /** The heading above the table. */
  readonly heading: string;
  /** Names that the row is about. */
  readonly names: readonly string[];
  /** The other cells, by the title of their column. */
  readonly cells: readonly (readonly [column: string, text: string])[];
}

/** All rows that are about a name: those whose first cell has it as code. */
export function entriesOf(pages: readonly Page[]): readonly Entry[] {
  return pages.flatMap(({ name, text }) => tablesOf(text).flatMap((table) => entriesIn(name, table)));
}

/**
 * Rows about a key. Case does not count; the last part of a path is enough, where no row has the whole name.
 * @param key e.g. `SESSION_TIMEOUT`, `csrfProtection`, `HTML5.Timeout`
 */
export function lookUp(entries: readonly Entry[], key: string): readonly Entry[] {
  const wanted = key.toLowerCase();
  const whole = entries.filter(({ names }) => names.some((name) => name.toLowerCase() === wanted));
  if (whole.length > 0) return whole;
  return entries.filter(({ names }) =>
    names.some(
      (name) =>
        name
          .toLowerCase()
          .split(/\[\]\.|\./)
          .at(-1) === wanted,
    ),
  );
}

/** The name that was probably meant. */
export function meantBy(entries: readonly Entry[], key: string): string | undefined {
  return nearest(key, [...new Set(entries.flatMap(({ names }) => names))]);
}

interface Table {
  readonly heading: string;
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Tables as GitHub writes them: a line of titles, a line of dashes, rows. Code blocks are not looked into. */
function tablesOf(text: string): readonly Table[] {
  const tables: { heading: string; titles: readonly string[]; rows: string[][] }[] = [];
  let heading = '';
  let isCode = false;
  let before: string | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    if (isCode) continue;
    if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '');
    const isRow = line.startsWith('|');
    if (isRow && /^\|[\s:|-]+\|$/.test(line)) tables.push({ heading, titles: cellsOf(before ?? ''), rows: [] });
    else if (isRow && before?.startsWith('|')) tables.at(-1)?.rows.push(cellsOf(line));
    before = line;
  }
  return tables;
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function entriesIn(page: string, { heading: marked, titles, rows }: Table): Entry[] {
  const heading = plain(marked);
  const entries = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell, index) => [titles[index + 1] ?? '', plain(cell)] as const);
    return { page, heading, names: namesIn(first), cells: cells.filter(([, text]) => text !== '') };
  });
  // A title that is a name: the rows are its values.
  const values = rows.map(([first = '', ...rest]) => [plain(first), plain(rest.filter(Boolean).join('; '))] as const);
  return [{ page, heading, names: namesIn(titles[0] ?? ''), cells: values }, ...entries].filter(
    ({ names }) => names.length > 0,
  );
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name as string);
}

/** Markdown as a terminal can show it: links by their text, no marks. A star of code, or of `*.domain`, is none. */
function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`([^`]*)`/g, (_, code: string) => code.replaceAll('*', '\0'))
    .replace(/(\*{1,2})(?=[^\s.*])([^*]*\S)\1/g, '$2')
    .replaceAll('\0', '*');
}
