import { readFile } from 'node:fs/promises';
import { replaceFile } from '../config/key-store-write.ts';
import type { Label } from './filter.ts';
import { isObject } from './flat.ts';
import type { Lock } from './take-lock.ts';

/** What the service remembers of a thing beside its content, which is kept where people and the router read it. */
export interface Note {
  /** Milliseconds since the epoch, when it was written through the API… */
  readonly changedAt?: number;
  /** …and the ETag it got by that: with another one it was edited by hand since. */
  readonly etag?: string;
  readonly labels?: readonly Label[];
  /** Of a certificate that was made here. */
  readonly generated?: GeneratedNote;
}

/** How to make it again before it ends. */
export interface GeneratedNote {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly renewAt: number | undefined;
  /** PEM. */
  readonly chain: string;
}

export interface Notes {
  get(key: string): Promise<Note | undefined>;
  all(): Promise<Readonly<Record<string, Note>>>;
  /** Changes notes; undefined removes one. */
  change(edit: (notes: Record<string, Note | undefined>) => void): Promise<void>;
}

/** They can be lost without harm to what is kept. */
export function openNotes(file: string, lock: Lock): Notes {
  const all = async (): Promise<Readonly<Record<string, Note>>> => {
    try {
      const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
      return Object.assign(Object.create(null), isObject(parsed) ? parsed : {}) as Record<string, Note>;
    } catch {
      return Object.create(null) as Record<string, Note>;
    }
  };
  return {
    all,
    get: async (key) => (await all())[key],
    change: (edit) =>
      lock(async () => {
        const notes: Record<string, Note | undefined> = { ...(await all()) };
        edit(notes);
        await replaceFile(file, `${JSON.stringify(notes, null, 1)}\n`, 0o600);
      }),
  };
}
