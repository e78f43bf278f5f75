import type { Finding } from './step.ts';

/** Seconds. Assertions are good for minutes, and some services allow a minute of difference, some none. */
const notable = 10;
const harmful = 60;

/**
 * Compares this machine's clock with that of a server.
 * @param date value of its Date header (whole seconds)
 * @param begin milliseconds since the epoch when it was asked
 * @param end when it had answered
 */
export function judgeClock(date: string | undefined, begin: number, end: number): Finding {
  const there = Date.parse(date ?? '');
  if (Number.isNaN(there)) return { outcome: 'skipped', told: 'it does not tell the time' };
  // The header was written at some time between the two, up to a second before or after.
  const skew = Math.round(Math.max(0, begin - there - 1_000, there - end) / 1_000);
  if (skew < notable) return { outcome: 'ok', told: 'the same time as here' };
  const told = `the clock here is ${skew} s ${there > end ? 'behind' : 'ahead'}`;
  const cure = 'Set the clock (NTP): tokens and assertions seem expired, or not valid yet, to one of both.';
  return { outcome: skew < harmful ? 'warning' : 'failed', told, cure };
}
