import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A directory for one run of the demo. */
export interface WorkingDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

const repository = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes a temporary working directory for the router, readable by its owner only (mkdtemp), with the repository's own
 * xs-app.json and the web app. Copies, not links: static files are never served from outside the working directory.
 */
export async function makeWorkingDirectory(): Promise<WorkingDirectory> {
  const directory = await realpath(await mkdtemp(path.join(os.tmpdir(), 'portunus-demo-')));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    for (const part of ['xs-app.json', path.join('demo', 'web')])
      await cp(path.join(repository, part), path.join(directory, part), { recursive: true });
  } catch (problem) {
    await remove();
    throw problem;
  }
  return { path: directory, remove };
}
