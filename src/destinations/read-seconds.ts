import type { Properties } from './properties.ts';

/**
 * Seconds → milliseconds. Outside the range the real service uses its default, and so do we. 0 would mean "wait for ever"
 * there; every outgoing call has an end here (design section 5), so it is the longest that may be written.
 * @param max seconds
 * @param fallback milliseconds
 */
export function readSeconds<F extends number | undefined>(
  p: Properties,
  name: string,
  max: number,
  fallback: F,
): number | F {
  const text = p.text(name)?.trim();
  if (text === undefined) return fallback;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  if (seconds <= max) return (seconds || max) * 1000;
  const used = fallback === undefined ? 'the default' : String(fallback / 1000);
  p.warn(name, `must be a whole number from 0 to ${max}; ${used} is used`);
  return fallback;
}
