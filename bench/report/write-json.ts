import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes figures as JSON, with six digits that count. @param date ISO 8601; the file's name begins with it. @returns the file */
export function writeJson(folder: string, date: string, name: string, value: object): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${date.slice(0, 16).replaceAll(':', '')}-${name}.json`);
  const plain = (_key: string, each: unknown) => {
    if (each instanceof Map) return Object.fromEntries(each);
    return typeof each === 'number' ? Number(each.toPrecision(6)) : each;
  };
  writeFileSync(file, `${JSON.stringify(value, plain, 1)}\n`);
  return file;
}
