import type { Comparison } from '../measure/compare.ts';
import type { Transfer } from '../measure/measure-transfers.ts';
import { ratioOf } from '../measure/ratios.ts';
import type { Turn } from '../measure/take-turn.ts';
import { onlookers, rivals } from '../peers/all-peers.ts';
import { bareUndici } from '../peers/bare-undici.ts';
import { median, quantile } from '../statistics.ts';
import { judge } from './goals.ts';
import type { Result } from './result.ts';
import { figure, table } from './table.ts';

/** A result for people: goals first, then what they are made of, then how far to trust it. */
export function tellResult(result: Result): string {
  const { machine, plan, starts, misses } = result;
  const { rounds, seconds, connections, sessions, sessionsUsed } = plan;
  return [
    `## Goals\n\n${goals(result)}`,
    `## 1 KB, ${connections} connections, ${rounds} rounds of ${seconds} s, medians\n\n${comparisonTable(result.small)}`,
    `## 100 KB\n\n${comparisonTable(result.large)}`,
    `## ${plan.transfers.megabytes} MB in one body, ${plan.transfers.rounds} rounds, medians\n\n${transfersTable(result)}`,
    `## A slow end, and idle WebSockets\n\n${streamsTable(result)}`,
    `## Routes and sessions, 1 KB (${figure(sessions)} live sessions, ${figure(sessionsUsed)} of them asking in turns)\n\n${comparisonTable(result.scale.turns)}`,
    `## Start, memory, token miss\n\n${rest(starts, misses)}`,
    `${where(result)}\n${machine.processors} × ${machine.processor}, ${machine.memory} GB, ${machine.kernel}, Node ${machine.node}, ` +
      `${Object.entries(machine.packages)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.\n${noise(result)}`,
    ...[...result.missing, ...result.scale.missing].map((why) => `Not measured: ${why}.`),
  ].join('\n\n');
}

function goals(result: Result): string {
  const rows = judge(result).map(({ name, wanted, measured, byProcessorTime, range, met }) => [
    name,
    wanted,
    figure(measured),
    byProcessorTime === undefined ? '' : figure(byProcessorTime),
    range.map(figure).join(' … '),
    met ? 'met' : 'MISSED',
  ]);
  return table(['', 'wanted', 'median', 'by CPU time', 'range', ''], rows);
}

export function comparisonTable(turns: Comparison): string {
  const [first = ''] = turns.keys();
  const yardstick = turns.has(bareUndici.name) ? bareUndici.name : first;
  const rows = [...turns].map(([name, own]) => {
    const of = (pick: keyof Turn) => median(own.map((turn) => turn[pick]));
    const by = (pick: 'requestsPerSecond' | 'p99' | 'cost') =>
      figure(ratioOf(turns, name, yardstick, pick)?.median ?? Number.NaN);
    return [
      name,
      doesWhat(name),
      figure(of('requestsPerSecond')),
      by('requestsPerSecond'),
      figure(of('p50')),
      figure(of('p99')),
      by('p99'),
      figure(of('cost')),
      by('cost'),
      `${Math.round(of('busy') * 100)} %`,
    ];
  });
  return table(['', 'does', 'requests/s', '×', 'p50 ms', 'p99 ms', '×', 'CPU µs', '×', 'busy'], rows);
}

function transfersTable({ transfers }: Result): string {
  const rows = Object.entries(transfers).flatMap(([direction, turns]) =>
    [...turns].map(([name, own]) => {
      const of = (pick: keyof Transfer) => median(own.map((turn) => turn[pick]));
      return [
        `${direction}, ${name}`,
        figure(of('megabytesPerSecond')),
        figure(of('cost')),
        figure(Math.max(...own.map(({ growth }) => growth))),
        `${Math.round(of('busy') * 100)} %`,
      ];
    }),
  );
  return table(['', 'MB/s', 'CPU µs/MB', 'grows by at most, MB', 'busy'], rows);
}

function streamsTable({ slowEnds, tunnels }: Result): string {
  const held = [...slowEnds].map(([name, { growth, moved }]) => [name, figure(growth), figure(moved), '']);
  const idle = [`${tunnels.count} idle WebSockets`, '', '', figure(tunnels.each)];
  return table(['', 'grows by, MB', 'moved, MB', 'each, KB'], [...held, idle]);
}

function doesWhat(name: string): string {
  return [...rivals, ...onlookers].find((peer) => peer.name === name)?.does ?? '';
}

function rest(starts: Result['starts'], misses: Result['misses']): string {
  const row = (name: string, values: readonly number[]) => [
    name,
    figure(median(values)),
    figure(quantile(values, 0.05)),
    figure(quantile(values, 0.95)),
    String(values.length),
  ];
  return table(
    ['', 'median', 'p5', 'p95', 'of'],
    [
      row('start to first answer, ms', starts.again),
      row('the same without compile cache, ms', starts.first),
      row('start to ready, ms', starts.ready),
      row('memory at rest, MB', starts.idle),
      row('most memory until then, MB', starts.peak),
      row('token miss: the token service itself, ms', misses.service),
      row('token miss: beyond that, ms', misses.added),
    ],
  );
}

function where({ date, plan, backend }: Result): string {
  return `Measured ${date.slice(0, 16).replace('T', ' ')} UTC (${plan.name}); backend: ${backend}.`;
}

/** How much others took of the measured core: the reason for a wide range. */
function noise({ small, large, scale, machine }: Result): string {
  const turns = [small, large, scale.turns].flatMap((turnsOf) => [...turnsOf.values()].flat());
  const disturbed = turns.map((turn) => turn.disturbed * 100);
  return (
    `Noise: load average ${figure(machine.loadAverage)} at the beginning; others took ${figure(median(disturbed))} % of the ` +
    `measured core in the median turn, ${figure(Math.max(...disturbed))} % in the worst.`
  );
}
