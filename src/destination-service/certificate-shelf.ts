import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../config/key-store-write.ts';
import { isCertificateName } from './check-content.ts';
import { refusal } from './refusal.ts';
import type { Edit, Item, Outcome, Shelf } from './shelf.ts';
import type { Lock } from './take-lock.ts';

/** Certificates and key stores: one file each, with the bytes that the API has in base64; the router reads the same files. */
export function openCertificateShelf(directory: string, lock: Lock): Shelf {
  /** Names are checked here too: this is where one becomes a path (T-70). */
  const fileOf = (name: string) => {
    if (!isCertificateName(name)) throw refusal(400, 'The name of a certificate must be a file name with an extension');
    return path.join(directory, name);
  };
  const itemOf = async (name: string): Promise<Item | undefined> => {
    try {
      const [bytes, { mtimeMs }] = await Promise.all([readFile(fileOf(name)), stat(fileOf(name))]);
      const content = { Name: name, Type: 'CERTIFICATE', Content: bytes.toString('base64') };
      return { name, content, changedAt: mtimeMs };
    } catch (cause) {
      if (['ENOENT', 'EISDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw cause;
    }
  };
  const names = async () => {
    try {
      return (await readdir(directory)).filter(isCertificateName).sort();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw cause;
    }
  };

  async function applyOne(edit: Edit): Promise<Outcome> {
    const there = (await itemOf(edit.name)) !== undefined;
    if (!there && edit.kind !== 'create') return { kind: 'missing' };
    if (there && edit.kind === 'create') return { kind: 'exists' };
    if (edit.kind === 'delete') await unlink(fileOf(edit.name));
    else await replaceFile(fileOf(edit.name), Buffer.from(String(edit.content['Content'] ?? ''), 'base64'), 0o600);
    return { kind: 'done' };
  }

  return {
    async list() {
      const items = await Promise.all((await names()).map(itemOf));
      return items.filter((item) => item !== undefined);
    },
    find: (name) => (isCertificateName(name) ? itemOf(name) : Promise.resolve(undefined)),
    apply: (edits) =>
      lock(async () => {
        const outcomes: Outcome[] = [];
        for (const edit of edits) outcomes.push(await applyOne(edit));
        return outcomes;
      }),
  };
}
