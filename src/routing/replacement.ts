import { escapeHtml } from '../errors/escape-html.ts';

/** Placeholders of one static route, compiled (xs-app.md 3.7). */
export interface Replacement {
  readonly pathSuffixes: readonly string[];
  /** Value by placeholder name: `NAME` of a variable, `svc.prop` of a bound service. */
  readonly values: ReadonlyMap<string, string>;
}

// Triple braces first: `{{{A}}}` must not be read as `{` + `{{A}}` + `}`.
const placeholder = /\{\{\{\s*([\w$.-]+)\s*\}\}\}|\{\{\s*([\w$.-]+)\s*\}\}/g;

const contentTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  txt: 'text/plain',
  html: 'text/html',
  js: 'application/javascript',
  css: 'text/css',
};

/** Whether a file is processed: its path below `localDir` ends with a suffix, and carries no path parameters. */
export function isProcessed({ pathSuffixes }: Replacement, file: string): boolean {
  return !file.includes(';') && pathSuffixes.some((suffix) => file.endsWith(suffix));
}

/** The text with its placeholders filled: `{{X}}` HTML-escaped, `{{{X}}}` as it is, unknown names empty. */
export function replacePlaceholders({ values }: Replacement, text: string): string {
  return text.replace(placeholder, (_, raw: string | undefined, escaped: string | undefined) =>
    raw === undefined ? escapeHtml(values.get(escaped ?? '') ?? '') : (values.get(raw) ?? ''),
  );
}

/** Names in a text that no value stands for. */
export function unknownPlaceholders({ values }: Replacement, text: string): string[] {
  const names = [...text.matchAll(placeholder)].map((match) => match[1] ?? match[2] ?? '');
  return [...new Set(names)].filter((name) => !values.has(name));
}

/** Media type of a processed file, by extension; anything unknown is taken for HTML (xs-app.md 3.7). */
export function processedType(file: string): string {
  return contentTypes[file.slice(file.lastIndexOf('.') + 1).toLowerCase()] ?? 'text/html';
}
