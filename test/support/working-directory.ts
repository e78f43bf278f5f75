import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { atEnd } from './at-end.ts';

/** Content by path below the directory; what is no text is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** A real temporary directory with these files; it is gone when the test file is done. */
export function workingDirectory(files: Files = {}): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'portunus-test-'));
  atEnd(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}
