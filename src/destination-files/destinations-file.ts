import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../config/key-store-write.ts';
import { type Entry, isEntry } from './parse-export.ts';

/** The file of a working directory that the router reads (design section 3). */
export const destinationsFile = 'destinations.json';

/** Entries of the file as written; none when there is no file. @throws Error when it cannot be read */
export async function readEntries(workingDirectory: string): Promise<readonly Entry[]> {
  let text: string;
  try {
    text = await readFile(path.join(workingDirectory, destinationsFile), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`${destinationsFile} is not valid JSON; mend it first`);
  }
  const entries = Array.isArray(parsed) ? parsed : [parsed];
  if (!entries.every(isEntry)) throw new Error(`${destinationsFile} must be an array of objects; mend it first`);
  return entries;
}

/** Writes the file, whole or not at all, for its owner only. */
export async function writeEntries(workingDirectory: string, entries: readonly Entry[]): Promise<void> {
  await replaceFile(path.join(workingDirectory, destinationsFile), `${JSON.stringify(entries, null, 2)}\n`, 0o600);
}

/** The name of an entry, in whichever format it is written. */
export function nameOf(entry: Entry): string | undefined {
  const inner = isEntry(entry['destinationConfiguration']) ? entry['destinationConfiguration'] : entry;
  const name = inner['Name'] ?? inner['name'];
  return typeof name === 'string' ? name : undefined;
}
