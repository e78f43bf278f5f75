import type { Located } from './finding.ts';

/** For programs: an array, one object a finding; `line` and `column` begin at 1 and are absent where the place is no file. */
export function tellJson(findings: readonly Located[]): string {
  const told = findings.map(({ rule, level, file, region, at, message }) => ({
    rule,
    level,
    file,
    ...region,
    at,
    message,
  }));
  return `${JSON.stringify(told, null, 2)}\n`;
}
