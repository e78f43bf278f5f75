import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectorPath } from './inspector-path.ts';

/** A file of the page, held in memory. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Beside the sources, or above `dist/` in the package. */
const folders = ['../../inspector/', '../../../inspector/'].map((place) => new URL(place, import.meta.url));

/**
 * Reads the page once, at start: only what is in its folder can ever be asked for. `index.html` is the inspector's own
 * path.
 * @throws Error when the folder is missing, as in a package made without it
 */
export function readPage(): ReadonlyMap<string, PageFile> {
  const folder = folders.find((place) => existsSync(new URL('index.html', place)));
  if (folder === undefined) throw new Error('the files of the inspector are not in this package');
  return new Map(
    readdirSync(folder).flatMap((name) => {
      const type = types[path.extname(name)];
      if (type === undefined) return [];
      const content = readFileSync(fileURLToPath(new URL(name, folder)));
      const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
      return [[name === 'index.html' ? inspectorPath : `${inspectorPath}/${name}`, { type, content, etag }] as const];
    }),
  );
}
