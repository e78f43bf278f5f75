import { median } from '../statistics.ts';
import type { Comparison } from './compare.ts';
import type { Turn } from './take-turn.ts';

/** One contestant by another, in the rounds they shared. */
export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * @param one name of the contestant above the line
 * @param other below it
 */
export function ratioOf(
  comparison: Comparison,
  one: string,
  other: string,
  figure: 'requestsPerSecond' | 'p99' | 'cost',
): Ratio | undefined {
  const [above = [], below = []] = [comparison.get(one), comparison.get(other)];
  const ratios = above.flatMap((turn, round) => quotient(turn, below[round], figure) ?? []);
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

function quotient(turn: Turn, other: Turn | undefined, figure: keyof Turn): number | undefined {
  return other === undefined ? undefined : turn[figure] / other[figure];
}
