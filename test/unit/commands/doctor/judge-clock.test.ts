import { expect, test } from 'vitest';
import { judgeClock } from '../../../../src/commands/doctor/judge-clock.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number) => new Date(now + seconds * 1000).toUTCString();

test.each([
  [at(0), 'ok', 'the same time'],
  [at(-9), 'ok', 'the same time'],
  [at(20), 'warning', '20 s behind'],
  [at(-21), 'warning', '20 s ahead'],
  [at(90), 'failed', '90 s behind'],
  [at(-400), 'failed', '399 s ahead'],
  ['yesterday', 'skipped', 'does not tell the time'],
  [undefined, 'skipped', 'does not tell the time'],
])('a server whose date is %s: %s', (date, outcome, told) => {
  expect(judgeClock(date, now, now)).toMatchObject({ outcome, told: expect.stringContaining(told) });
});

test('an answer that took long says nothing against the clock', () => {
  expect(judgeClock(at(0), now - 30_000, now + 30_000)).toMatchObject({ outcome: 'ok' });
});
