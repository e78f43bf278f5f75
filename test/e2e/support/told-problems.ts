import { expect } from 'vitest';

/** A part of every secret of these stories: no line may hold it. */
export const secret = 'qu4ck-tr0ub4dor&3';

/** The line of a problem: where, and words that its message must hold. */
export type Told = readonly [where: string, ...words: readonly RegExp[]];

/** The lines of a refused start, whole: one for each problem and no other. */
export function expectTold(terminal: string, told: readonly Told[]) {
  const lines = terminal.trimEnd().split('\n');
  for (const [where, ...words] of told) {
    const line = lines.find((text) => text.startsWith(`${where}:`));
    expect(line, `a line for ${where} in\n${terminal}`).toBeDefined();
    for (const word of words) expect(line).toMatch(word);
  }
  expect(lines, terminal).toHaveLength(told.length);
  expect(terminal, 'no stack trace').not.toMatch(/\n\s+at /);
  expect(terminal, 'nor any part of a secret').not.toMatch(/qu4ck|r0ub4/);
}
