import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../config/key-store-write.ts';
import { type Flat, flatten, innerOf, isObject } from './flat.ts';
import { refusal } from './refusal.ts';
import type { Edit, Item, Outcome, Shelf } from './shelf.ts';
import type { Lock } from './take-lock.ts';

export interface FileShelfOptions {
  /** A JSON file: an array of objects, or one object. */
  readonly file: string;
  readonly lock: Lock;
  /** The property that names an entry. */
  readonly nameKey: 'Name' | 'FragmentName';
  /** As the API answers an entry. */
  readonly shape: (flat: Flat) => Flat;
  /** A reason against a change, given everything that is there. */
  readonly guard: Guard;
}

export type Guard = (edit: Edit, all: readonly Flat[]) => string | undefined;

type Entry = Readonly<Record<string, unknown>>;

/**
 * Destinations or fragments in a JSON file that people and the router read too. It is read anew for each request, so that
 * what is edited by hand holds at once; what is in it and not understood is kept. Written whole or not at all.
 */
export function openFileShelf({ file, lock, nameKey, shape, guard }: FileShelfOptions): Shelf {
  const itemOf = (entry: Entry, changedAt: number): Item[] => {
    const content = shape(flatten(entry));
    const name = content[nameKey];
    return name === undefined ? [] : [{ name, content, changedAt }];
  };
  const list = async () => {
    const entries = await read(file);
    const changedAt = entries.length === 0 ? 0 : ((await stat(file).catch(() => undefined))?.mtimeMs ?? 0);
    return entries.flatMap((entry) => (isObject(entry) ? itemOf(entry, changedAt) : []));
  };

  /** @param flats the same entries, flat: made once, or a thousand edits would each go through a thousand of them */
  function applyOne(entries: unknown[], flats: Flat[], edit: Edit): Outcome {
    const at = flats.findIndex((flat) => flat[nameKey] === edit.name);
    if (at < 0 && edit.kind !== 'create') return { kind: 'missing' };
    if (at >= 0 && edit.kind === 'create') return { kind: 'exists' };
    const why = guard(edit, flats);
    if (why !== undefined) return { kind: 'refused', why };
    if (edit.kind === 'delete') {
      entries.splice(at, 1);
      flats.splice(at, 1);
      return { kind: 'done' };
    }
    const place = at < 0 ? entries.length : at;
    entries[place] = at < 0 ? edit.content : replaced(entries[at] as Entry, edit.content);
    flats[place] = flatten(entries[place] as Entry);
    return { kind: 'done' };
  }

  return {
    list,
    find: async (name) => (await list()).find((item) => item.name === name),
    apply: (edits) =>
      lock(async () => {
        const entries = [...(await read(file))];
        const flats = entries.map((entry) => (isObject(entry) ? flatten(entry) : nothing));
        const outcomes = edits.map((edit) => applyOne(entries, flats, edit));
        if (outcomes.some(({ kind }) => kind === 'done'))
          await replaceFile(file, `${JSON.stringify(entries, null, 2)}\n`, await modeOf(file));
        return outcomes;
      }),
  };
}

/** What is in the file and no object: kept as it is, and never found. */
const nothing: Flat = Object.freeze({});

/** A copied answer of Find keeps what stands around its properties. */
function replaced(entry: Entry, content: Entry): Entry {
  return innerOf(entry) === entry ? content : { ...entry, destinationConfiguration: content };
}

async function read(file: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw refusal(500, `${path.basename(file)} cannot be read`, cause);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not the parser's words: it quotes what stands around the fault.
    throw refusal(500, `${path.basename(file)} is not valid JSON; mend it by hand`);
  }
  if (Array.isArray(parsed)) return parsed;
  if (isObject(parsed)) return [parsed];
  throw refusal(500, `${path.basename(file)} must hold a JSON array`);
}

/** Who may read the file stays so; a new one is for its owner. */
async function modeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? 0o600 : found.mode & 0o777;
}
