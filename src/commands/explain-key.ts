import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Entry, entriesOf, lookUp, meantBy, type Page } from '../explain/look-up.ts';
import { type Run, UsageError } from './command.ts';

/**
 * `portunus explain key NAME`: what the documentation that comes along says of a property, a variable or any other name.
 * Exit 0 when it says something, 1 when not.
 */
export const run: Run = async ({ args, write, tell }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { format: { type: 'string', default: 'text' } },
    allowPositionals: true,
  });
  const { format } = values;
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is one of text, json, not "${format}"`);
  const [key, ...rest] = positionals;
  if (key === undefined || rest.length > 0)
    throw new UsageError('name one property or variable, e.g. SESSION_TIMEOUT, csrfProtection, HTML5.Timeout');
  const entries = entriesOf(pages());
  const found = lookUp(entries, key);
  if (found.length === 0) {
    const meant = meantBy(entries, key);
    tell(`the documentation has nothing called "${key}"${meant === undefined ? '' : `; did you mean "${meant}"?`}\n`);
    return 1;
  }
  write(format === 'json' ? `${JSON.stringify(found, null, 2)}\n` : found.map(tellEntry).join('\n'));
  return 0;
};

function tellEntry({ page, heading, names, cells }: Entry): string {
  const width = Math.max(0, ...cells.map(([column]) => column.length));
  const lines = cells.map(([column, text]) => `  ${column.padEnd(width)}  ${text}\n`);
  return `${names.join(', ')}  (${page}${heading === '' ? '' : `, "${heading}"`})\n${lines.join('')}`;
}

/** What is set comes first. */
const settings = ['configuration.md', 'destination-properties.md', 'destinations.md', 'identity-providers.md'];

/** Pages of what people set and see; not the history of decisions. */
function pages(): readonly Page[] {
  const folder = folderOfDocs();
  const rank = (name: string) => {
    const place = settings.indexOf(name);
    return place < 0 ? settings.length : place;
  };
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !/^(decisions|generate)[\\/]/.test(name))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((name) => ({
      name: `docs/${name.replaceAll('\\', '/')}`,
      text: readFileSync(path.join(folder, name), 'utf8'),
    }));
}

/** Beside the sources, or beside what the compiler made of them. @throws Error where it was left out */
function folderOfDocs(): string {
  const folder = ['../../docs', '../../../docs']
    .map((from) => path.join(import.meta.dirname, from))
    .find((one) => existsSync(path.join(one, 'configuration.md')));
  if (folder === undefined) throw new Error('the folder docs/ is not installed here; the package has it');
  return folder;
}
