import { open, stat } from 'node:fs/promises';
import { z } from 'zod';
import { KeyStoreError } from './key-store-error.ts';
import type { KeyPair } from './key-store-pair.ts';
import { keyPairFromPem } from './key-store-pem.ts';
import { unreadable as whyUnreadable } from './read-text-file.ts';

export interface TrustPairs {
  readonly active: KeyPair | undefined;
  readonly passive: KeyPair | undefined;
}

const stored = z.strictObject({ active: z.string().optional(), passive: z.string().optional() });
/** PEM text, key and certificate, by role. */
export type Stored = z.infer<typeof stored>;

/** The file as last seen. */
export interface Seen {
  /** Changes whenever the file does; undefined when there is none. */
  readonly version: string | undefined;
  readonly content: Stored;
  readonly pairs: TrustPairs;
}

/** A change replaces the file, so that the next one is another inode as well as of another time. */
export async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { ino, mtimeNs } = await stat(file, { bigint: true });
    return `${ino} ${mtimeNs}`;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, cause);
  }
}

/** @throws KeyStoreError */
export async function readStored(file: string): Promise<Seen> {
  const handle = await open(file).catch((cause) => Promise.reject(unreadable(file, cause)));
  try {
    const { ino, mtimeNs } = await handle.stat({ bigint: true });
    const parsed = stored.safeParse(
      parseJson(await handle.readFile('utf8').catch((cause) => Promise.reject(unreadable(file, cause)))),
    );
    if (parsed.success) return { version: `${ino} ${mtimeNs}`, content: parsed.data, pairs: openPairs(parsed.data) };
  } finally {
    await handle.close();
  }
  throw new KeyStoreError('format', `${file} is damaged; restore it, or delete it and register the new certificate`);
}

function unreadable(file: string, cause: unknown): KeyStoreError {
  return new KeyStoreError('format', `${file} ${whyUnreadable(cause)}`, cause);
}

/** Makes key pairs of what is stored. @throws KeyStoreError */
export function openPairs({ active, passive }: Stored): TrustPairs {
  const pair = (role: string, pem: string | undefined) =>
    pem === undefined ? undefined : keyPairFromPem(`the ${role} pair of the default trust`, pem, undefined);
  return Object.freeze({ active: pair('active', active), passive: pair('passive', passive) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
