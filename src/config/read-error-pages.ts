import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CustomPage } from '../errors/answer-error.ts';
import type { Problems } from '../errors/config-error.ts';
import { isMissing, unreadable } from './read-text-file.ts';
import type { XsApp } from './xs-app/xs-app-schema.ts';

/** Loads the own error pages once; files that are not there were reported before. First entry of a status wins. */
export function readErrorPages(
  entries: NonNullable<XsApp['errorPage']>,
  workingDirectory: string,
  problems: Problems,
): ReadonlyMap<number, CustomPage> {
  const pages = new Map<number, CustomPage>();
  for (const [index, entry] of entries.entries()) {
    const tell = (problem: string) => problems.add('xs-app.json', `errorPage/${index}/file`, problem);
    const page =
      entry.file === undefined
        ? redirectTo(entry.path ?? '/')
        : readPage(path.join(workingDirectory, entry.file), tell);
    for (const status of [entry.status].flat()) if (page && !pages.has(status)) pages.set(status, page);
  }
  return pages;
}

function redirectTo(target: string): CustomPage {
  return { kind: 'redirect', path: target };
}

function readPage(file: string, tell: (problem: string) => void): CustomPage | undefined {
  try {
    const content = readFileSync(file);
    const etag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
    return {
      kind: 'file',
      content,
      extension: path.extname(file),
      etag,
    };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!isMissing(cause) && code !== 'EISDIR') tell(`"${path.basename(file)}" ${unreadable(cause)}`);
    return undefined;
  }
}
