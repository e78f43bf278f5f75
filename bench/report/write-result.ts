import { judge } from './goals.ts';
import type { Result } from './result.ts';
import { writeJson } from './write-json.ts';

/** Writes everything as JSON, single turns included. @returns the file */
export function writeResult(folder: string, result: Result): string {
  return writeJson(folder, result.date, result.plan.name, { ...result, goals: judge(result) });
}
