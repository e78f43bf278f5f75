import { median } from '../statistics.ts';

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
export function ratioOf<Figure extends string>(
  comparison: ReadonlyMap<string, readonly Readonly<Record<Figure, number>>[]>,
  one: string,
  other: string,
  figure: Figure,
): Ratio | undefined {
  const [above = [], below = []] = [comparison.get(one), comparison.get(other)];
  const ratios = above.flatMap((turn, round) => {
    const beside = below[round];
    return beside === undefined ? [] : [turn[figure] / beside[figure]];
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
