import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What is asked for: JSON, as APIs answer it. */
export const documents = {
  small: { path: '/api/1k.json', size: 1_024 },
  large: { path: '/api/100k.json', size: 102_400 },
} as const;

export type Document = (typeof documents)[keyof typeof documents];

/** Writes the documents below a directory, each exactly as long as it says. */
export function writeDocuments(root: string): void {
  for (const { path: name, size } of Object.values(documents)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, documentOf(size));
  }
}

/** JSON of an exact length (bytes). */
export function documentOf(size: number): string {
  const frame = JSON.stringify({ text: '' });
  return JSON.stringify({ text: 'x'.repeat(size - frame.length) });
}
