import { timingSafeEqual } from 'node:crypto';

/**
 * Whether a client presents the text that is expected of it, compared in constant time (T-34). The length may be seen:
 * it is no secret of ours.
 */
export function sameSecret(presented: string | null | undefined, expected: string | undefined): boolean {
  if (presented === undefined || presented === null || expected === undefined) return false;
  const [a, b] = [Buffer.from(presented), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
