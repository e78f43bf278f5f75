/** One look: when, in seconds since the start, and how much there was, in megabytes. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** What a series says about growth. Slopes are megabytes a minute; `least` and `most` bound the slope (95 %). */
export interface Growth {
  readonly slope: number;
  readonly least: number;
  readonly most: number;
  /** Megabytes that the slope makes over the whole series. */
  readonly growth: number;
  readonly verdict: 'flat' | 'grows' | 'unclear';
}

/** Fewer looks bound no slope. */
const fewest = 8;

/** Quantile of the normal distribution for 95 %. */
const z = 1.96;

/**
 * Whether something grows. The slope is the median of those of all pairs of looks (Theil 1950, Sen 1968), which a few
 * outliers do not move; its bounds are Sen's. It grows when the slope is above zero for sure, makes more than the
 * tolerance, and what is left when caches are emptied grows too; it is flat when neither the slope nor the upper bound makes much more than that. Anything else is not known:
 * too few looks, or so much scatter that a leak could hide in it.
 * @param tolerance megabytes: caches that fill, code that is compiled late
 */
export function judgeGrowth(points: readonly Point[], tolerance: number): Growth {
  const slopes = slopesOf(points);
  const { length: count } = points;
  const span = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  if (count < fewest || span === 0)
    return { slope: Number.NaN, least: Number.NaN, most: Number.NaN, growth: Number.NaN, verdict: 'unclear' };
  const middle = (slopes.length - 1) / 2;
  const spread = (z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)) / 2;
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))] as number;
  const slope = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  const [least, most] = [at(middle - spread), at(middle + spread)];
  const growth = slope * span;
  const surely = least > 0 && growth > tolerance && floorRise(points) > tolerance / 2;
  const hardly = growth <= tolerance && most * span <= 3 * tolerance;
  const verdict = surely ? 'grows' : hardly ? 'flat' : 'unclear';
  return { slope: slope * 60, least: least * 60, most: most * 60, growth, verdict };
}

/** By how much the lowest look of the last third is above that of the first: teeth of a saw have one floor. */
function floorRise(points: readonly Point[]): number {
  const third = Math.ceil(points.length / 3);
  const floor = (part: readonly Point[]) => Math.min(...part.map(({ value }) => value));
  return floor(points.slice(-third)) - floor(points.slice(0, third));
}

/** Of all pairs, sorted. */
function slopesOf(points: readonly Point[]): number[] {
  const slopes = points.flatMap((later, index) =>
    points.slice(0, index).map((earlier) => (later.value - earlier.value) / (later.at - earlier.at)),
  );
  return slopes.sort((a, b) => a - b);
}
