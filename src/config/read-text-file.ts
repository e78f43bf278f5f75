import { readFileSync } from 'node:fs';
import type { Problems } from '../errors/config-error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Text of a file of the configuration. A byte order mark, as editors on Windows write it, is no part of it.
 * @param name what the file is called towards its owner
 * @returns undefined when there is no such file, or it cannot be read, which is then a problem: a file that somebody has
 * put there is meant to count
 */
export function readTextFile(file: string, name: string, problems: Problems): string | undefined {
  let content: Uint8Array;
  try {
    content = readFileSync(file);
  } catch (cause) {
    if (!isMissing(cause)) problems.add(name, '', unreadable(cause));
    return undefined;
  }
  try {
    return utf8.decode(content);
  } catch {
    problems.add(name, '', 'is not UTF-8 text; save it as UTF-8');
    return undefined;
  }
}

/** Whether a file system error says that there is no such file. */
export function isMissing(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const cures: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; correct the path',
  EACCES: 'let the user that this process runs as read it',
  EPERM: 'let the user that this process runs as read it',
  EISDIR: 'it is a folder; put a file in its place',
  ELOOP: 'it is a link that leads to itself; mend the link',
};

/** What is wrong with a file that is there and cannot be read, and the cure. */
export function unreadable(cause: unknown): string {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  return `cannot be read (${code}); ${cures[code] ?? 'mend or remove it'}`;
}
