import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from './config.ts';
import { configurationFiles, keyStoreFolder } from './configuration-files.ts';
import { trustFolder } from './key-store-trust.ts';

/** What a configuration is read from. */
export interface WatchedFiles {
  readonly files: readonly string[];
  /** With everything in them. */
  readonly folders: readonly string[];
}

/** The files and folders that a configuration was read from, also those that are not there yet. */
export function watchedFiles({ workingDirectory, environment, xsApp }: Config): WatchedFiles {
  const at = (name: string) => path.join(workingDirectory, name);
  const pages = (xsApp.errorPage ?? []).flatMap(({ file }) => (file === undefined ? [] : [at(file)]));
  const mounted = environment.get('SERVICE_BINDING_ROOT');
  return {
    files: [...configurationFiles.map(at), ...pages],
    folders: [at(keyStoreFolder), at(trustFolder), ...(mounted === undefined ? [] : [mounted])],
  };
}

/**
 * Stands for the state of all files: it changes when one is written, made, deleted, or when a symbolic link on the way to
 * it is turned elsewhere, as Kubernetes does with mounted ConfigMaps and Secrets. Content is not read.
 */
export async function signatureOf({ files, folders }: WatchedFiles): Promise<string> {
  const inside = await Promise.all(folders.map((folder) => filesIn(folder)));
  const signed = await Promise.all([...files, ...inside.flat()].map(async (file) => `${file} ${await stateOf(file)}`));
  return signed.join('\n');
}

/** Directories whose changes may be changes of the files: where they stand, and where links lead. */
export async function directoriesOf({ files, folders }: WatchedFiles): Promise<readonly string[]> {
  const inside = await Promise.all(folders.map((folder) => filesIn(folder)));
  const all = [...files, ...inside.flat()];
  const real = await Promise.all(all.map((file) => realpath(file).catch(() => file)));
  return [
    ...new Set([...folders, ...all.map((file) => path.dirname(file)), ...real.map((file) => path.dirname(file))]),
  ];
}

async function stateOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return '-';
  }
}

/** Levels of folders that are looked into: a mounted binding has one, links of Kubernetes one more. */
const deepest = 3;

async function filesIn(folder: string, depth = 0): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const found = await Promise.all(
    entries.map(async (entry) => {
      const name = path.join(folder, entry.name);
      // A link counts as what it leads to.
      const isFolder =
        entry.isDirectory() ||
        (entry.isSymbolicLink() &&
          (await stat(name).then(
            (target) => target.isDirectory(),
            () => false,
          )));
      if (!isFolder) return [name];
      return depth < deepest ? filesIn(name, depth + 1) : [];
    }),
  );
  return found.flat().sort();
}
