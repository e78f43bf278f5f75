import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

export const xsAppFile = 'xs-app.json';

export type Found = 'file' | 'folder' | 'outside' | 'missing';

/** What a path names, seen from the working directory; links are followed, and nothing outside counts (xs-app.md 13.1 #17). */
export function findInside(workingDirectory: string, relative: string): Found {
  try {
    const root = realpathSync(workingDirectory);
    const resolved = path.resolve(root, relative);
    if (!isBelow(root, resolved)) return 'outside';
    const real = realpathSync(resolved);
    if (!isBelow(root, real)) return 'outside';
    return statSync(real).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'missing';
  }
}

function isBelow(root: string, candidate: string): boolean {
  const relative = path.relative(root, candidate);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

/** What is wrong with a path that should have been a file or folder, and the cure. */
export function cureOf(relative: string, found: Found, wanted: 'file' | 'folder'): string {
  if (found === 'outside') return `"${relative}" lies outside the working directory; move it inside`;
  if (found === 'missing')
    return `there is no ${wanted} "${relative}" in the working directory; create it or correct the path`;
  return `"${relative}" is a ${found}, not a ${wanted}`;
}
