import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, mkdir, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { KeyStoreError } from './key-store-error.ts';

/**
 * Writes a file whole or not at all: into a file beside it, which then takes its name.
 * @param mode e.g. 0o600: for the owner only
 * @throws KeyStoreError when the folder cannot be written to
 */
export async function replaceFile(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  await beside(file, content, mode, (draft) => rename(draft, file));
}

/**
 * Writes a file whole, unless there is one of that name.
 * @returns false when there is, and it was left alone
 * @throws KeyStoreError when the folder cannot be written to
 */
export async function placeFile(file: string, content: string | Uint8Array, mode: number): Promise<boolean> {
  let placed = true;
  await beside(file, content, mode, async (draft) => {
    try {
      // Unlike rename, these do not replace what is there; not every file system has links.
      await link(draft, file).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'EEXIST') throw cause;
        return copyFile(draft, file, constants.COPYFILE_EXCL);
      });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      placed = false;
    }
    await unlink(draft);
  });
  return placed;
}

async function beside(
  file: string,
  content: string | Uint8Array,
  mode: number,
  take: (draft: string) => Promise<void>,
): Promise<void> {
  const folder = path.dirname(file);
  const draft = path.join(folder, `.${randomUUID()}.draft`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await take(draft);
    await settle(folder);
  } catch (cause) {
    await unlink(draft).catch(() => undefined);
    const { code } = cause as NodeJS.ErrnoException;
    throw new KeyStoreError('not-found', `${file} cannot be written (${code}); make its folder writable`, cause);
  }
}

/** The new name reaches the disk, too; where folders cannot be synchronised (Windows) there is nothing to do. */
async function settle(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } catch {
    // Some file systems refuse; the content is safe, and the name is as good as can be had.
  } finally {
    await handle?.close();
  }
}
