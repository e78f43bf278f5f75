/**
 * How long an answer asks to be left alone: whole seconds, or a date (RFC 9110 10.2.3).
 * @param value of `Retry-After`
 * @param now milliseconds since the epoch
 * @returns whole seconds; 0 when it does not ask, or asks nonsense
 */
export function readRetryAfter(value: string | undefined, now: number): number {
  const text = value?.trim() ?? '';
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return seconds > 0 ? seconds : 0;
}
