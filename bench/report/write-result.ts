import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { judge } from './goals.ts';
import type { Result } from './result.ts';

/** Writes everything as JSON, single turns included. @returns the file */
export function writeResult(folder: string, result: Result): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${result.date.slice(0, 16).replaceAll(':', '')}-${result.plan.name}.json`);
  const plain = (_key: string, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
  };
  writeFileSync(file, `${JSON.stringify({ ...result, goals: judge(result) }, plain, 1)}\n`);
  return file;
}
