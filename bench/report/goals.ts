import type { Comparison } from '../measure/compare.ts';
import { scale } from '../measure/measure-scale.ts';
import { type Ratio, ratioOf } from '../measure/ratios.ts';
import { bareHttpProxyMiddleware } from '../peers/bare-http-proxy-middleware.ts';
import { bareUndici } from '../peers/bare-undici.ts';
import { portunus } from '../peers/portunus.ts';
import { median, quantile } from '../statistics.ts';
import type { Result } from './result.ts';

/** One thing to reach, and what came of it. */
export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly measured: number;
  /**
   * The same by processor time instead of the clock: what an undisturbed core would do. Where the two differ much,
   * somebody else was on the machine.
   */
  readonly byProcessorTime?: number | undefined;
  /** From what to what single values went. */
  readonly range: readonly [lowest: number, highest: number];
  readonly met: boolean;
}

/** Judges a result by what the project wants to reach: on one core, 50 connections, session in memory, token cached. */
export function judge({ small, large, scale: scales, starts, misses }: Result): readonly Goal[] {
  const [us, bare, middleware] = [portunus.name, bareUndici.name, bareHttpProxyMiddleware.name];
  return [
    throughput(0.6, `1 KB: requests/s by ${bare}`, small, us, bare),
    throughput(1.5, `1 KB: requests/s by ${middleware}`, small, us, middleware),
    throughput(0.85, `100 KB: requests/s by ${bare}`, large, us, bare),
    atMost(2, `1 KB: p99 by ${bare}`, ratioOf(small, us, bare, 'p99')),
    atMost(2, `100 KB: p99 by ${bare}`, ratioOf(large, us, bare, 'p99')),
    throughput(0.9, '1,000 routes by 10: requests/s', scales, scale.routes, scale.usual),
    throughput(0.9, 'many sessions by 1: requests/s', scales, scale.sessions, scale.usual),
    atMost(500, 'start to first answer, ms', spread(starts.again)),
    atMost(100, 'memory at rest, MB', spread(starts.idle)),
    atMost(5, 'token miss beyond the token service, ms', spread(misses.added)),
  ].filter((goal) => goal !== undefined);
}

/** At least so many requests, `one` by `other`. */
function throughput(limit: number, name: string, turns: Comparison, one: string, other: string): Goal | undefined {
  const ratio = ratioOf(turns, one, other, 'requestsPerSecond');
  const byProcessorTime = ratioOf(turns, other, one, 'cost')?.median;
  return ratio && { ...goal(name, `≥ ${limit}`, ratio, ratio.median >= limit), byProcessorTime };
}

function atMost(limit: number, name: string, ratio: Ratio | undefined): Goal | undefined {
  return ratio && goal(name, `≤ ${limit}`, ratio, ratio.median <= limit);
}

function goal(name: string, wanted: string, { median: measured, lowest, highest }: Ratio, met: boolean): Goal {
  return { name, wanted, measured, range: [lowest, highest], met };
}

/** The middle nine tenths: of many values some are accidents. */
function spread(values: readonly number[]): Ratio {
  return { median: median(values), lowest: quantile(values, 0.05), highest: quantile(values, 0.95) };
}
