import type { Direction } from '../load/transfer.ts';
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
export function judge(result: Result): readonly Goal[] {
  const { small, large, transfers, slowEnds, tunnels, starts, misses } = result;
  const { turns: scales, session } = result.scale;
  const [us, bare, middleware] = [portunus.name, bareUndici.name, bareHttpProxyMiddleware.name];
  return [
    throughput(0.6, `1 KB: requests/s by ${bare}`, small, us, bare),
    throughput(1.5, `1 KB: requests/s by ${middleware}`, small, us, middleware),
    throughput(0.85, `100 KB: requests/s by ${bare}`, large, us, bare),
    atMost(2, `1 KB: p99 by ${bare}`, ratioOf(small, us, bare, 'p99')),
    atMost(2, `100 KB: p99 by ${bare}`, ratioOf(large, us, bare, 'p99')),
    ...directions.flatMap((direction) => {
      const [turns, what] = [transfers[direction], `${result.plan.transfers.megabytes} MB ${direction}`];
      return [
        atLeast(0.9, `${what}: MB/s by ${bare}`, turns, us, bare, 'megabytesPerSecond'),
        atMost(50, `${what}: memory grows by, MB`, widest(turns.get(us)?.map(({ growth }) => growth) ?? [])),
      ];
    }),
    ...[...slowEnds].map(([name, { growth }]) => atMost(50, `${name}: memory grows by, MB`, single(growth))),
    atMost(40, `${tunnels.count} idle WebSockets: memory of each, KB`, single(tunnels.each)),
    throughput(0.9, '1,000 routes by 10: requests/s', scales, scale.routes, scale.usual),
    throughput(0.5, 'session in Redis by in memory: requests/s', scales, scale.redis, scale.usual),
    throughput(0.9, 'many sessions by 1: requests/s', scales, scale.sessions, scale.usual),
    atMost(12, 'many sessions: memory of each, KB', single(session)),
    atMost(500, 'start to first answer, ms', spread(starts.again)),
    atMost(100, 'memory at rest, MB', spread(starts.idle)),
    atMost(5, 'token miss beyond the token service, ms', spread(misses.added)),
  ].filter((goal) => goal !== undefined);
}

const directions = ['download', 'upload'] as const satisfies readonly Direction[];

/** At least so many requests, `one` by `other`. */
function throughput(limit: number, name: string, turns: Comparison, one: string, other: string): Goal | undefined {
  return atLeast(limit, name, turns, one, other, 'requestsPerSecond');
}

/** At least so much of a figure, `one` by `other`. */
function atLeast<Figure extends string>(
  limit: number,
  name: string,
  turns: ReadonlyMap<string, readonly Readonly<Record<Figure | 'cost', number>>[]>,
  one: string,
  other: string,
  figure: Figure,
): Goal | undefined {
  const ratio = ratioOf(turns, one, other, figure);
  const byProcessorTime = ratioOf(turns, other, one, 'cost')?.median;
  return ratio && { ...goal(name, `≥ ${limit}`, ratio, ratio.median >= limit), byProcessorTime };
}

function atMost(limit: number, name: string, ratio: Ratio | undefined): Goal | undefined {
  return ratio && goal(name, `≤ ${limit}`, ratio, ratio.median <= limit);
}

function goal(name: string, wanted: string, { median: measured, lowest, highest }: Ratio, met: boolean): Goal {
  return { name, wanted, measured, range: [lowest, highest], met };
}

/** Judged by the worst. */
function widest(values: readonly number[]): Ratio | undefined {
  if (values.length === 0) return undefined;
  return { median: Math.max(...values), lowest: Math.min(...values), highest: Math.max(...values) };
}

function single(value: number): Ratio {
  return { median: value, lowest: value, highest: value };
}

/** The middle nine tenths: of many values some are accidents. */
function spread(values: readonly number[]): Ratio {
  return { median: median(values), lowest: quantile(values, 0.05), highest: quantile(values, 0.95) };
}
