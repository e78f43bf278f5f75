import type { MachineFacts } from '../machine/describe-machine.ts';
import { figure, table } from '../report/table.ts';
import { judgedLooks, judgeSoak, type SoakRecord, tolerances } from './judge-soak.ts';

/** A soak for people: what was judged, what was done, what there was at rest. */
export function tellSoak(record: SoakRecord, machine: MachineFacts): string {
  const { kinds, requests, requestsMeasured, plan, base, last, seen, looks } = record;
  const verdicts = judgeSoak(record).map(({ name, holds, told }) => [name, told, holds ? 'holds' : 'DOES NOT HOLD']);
  const done = Object.entries(kinds)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => [kind, figure(count)]);
  const rests = (['heap', 'external', 'rss'] as const).map((name) => [
    `${name}, MB`,
    base === undefined ? '' : base[name].toFixed(1),
    last === undefined ? '' : last[name].toFixed(1),
  ]);
  const counts = (['resources', 'held'] as const).flatMap((part) =>
    Object.keys({ ...base?.[part], ...last?.[part] }).map((kind) => [
      kind,
      countOf(base?.[part], kind),
      countOf(last?.[part], kind),
    ]),
  );
  const counted = Object.entries(seen).map(([name, count]) => [name, figure(count)]);
  return [
    `## What was done\n\n${table(['', 'times'], done)}`,
    `## What the router counted\n\n${table(['', 'times'], counted)}`,
    `## With nobody there\n\n${table(['', 'after the warm-up', 'at the end'], [...rests, ...counts])}`,
    `## Verdict\n\n${table(['', 'seen', ''], verdicts)}`,
    `${figure(requests)} requests, ${figure(requestsMeasured)} of them after the warm-up; ${plan.sessions} sessions in ${plan.sessionsIn}, ` +
      `${looks.length} looks. ${leastLeak(record)} ${machine.processors} × ${machine.processor}, Node ${machine.node}; load average ${figure(machine.loadAverage)} at the beginning.`,
  ].join('\n\n');
}

/** What the verdict on the heap is worth: more than that of each request would have been noticed. */
function leastLeak(record: SoakRecord): string {
  const part = record.looks.slice(-judgedLooks(record));
  const requests = (part.at(-1)?.requests ?? 0) - (part[0]?.requests ?? 0);
  if (requests === 0) return '';
  return `A leak of ${figure((tolerances.heap * 1e6) / requests)} bytes a request would have been noticed. `;
}

function countOf(counts: object | undefined, kind: string): string {
  return String((counts as Readonly<Record<string, number>> | undefined)?.[kind] ?? 0);
}
