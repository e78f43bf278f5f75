import { acts } from './acts.ts';
import { type Growth, judgeGrowth } from './judge-growth.ts';
import type { Look } from './look.ts';
import type { SoakPlan } from './plan.ts';

/** Everything that was seen in a soak. */
export interface SoakRecord {
  readonly plan: SoakPlan;
  readonly kinds: Readonly<Record<string, number>>;
  readonly requests: number;
  /** After the warm-up. */
  readonly requestsMeasured: number;
  /** What came instead of what was right, and how often. */
  readonly faults: Readonly<Record<string, number>>;
  /** Lines of the router that nothing of the load explains. */
  readonly alarms: readonly string[];
  /** Status that the router ended with by itself; null: by a signal; undefined: it lived. */
  readonly exit: number | null | undefined;
  /** After the warm-up, one a round. */
  readonly looks: readonly (Look & { readonly requests: number })[];
  /** With nobody there: after the warm-up, and at the end. */
  readonly base: Look | undefined;
  readonly last: Look | undefined;
  /** What the router has counted. */
  readonly seen: Readonly<Record<string, number>>;
}

/** One thing that must hold. */
export interface Verdict {
  readonly name: string;
  readonly holds: boolean;
  readonly told: string;
}

/** Megabytes that each may grow: what is less is not told from caches that fill and from code that is compiled late. */
export const tolerances = { heap: 2, external: 2, rss: 40 } as const;
/** Megabytes of heap that may be left more than at the base. */
const tolerated = 3;
/** Tokens that are nobody's, of the one technical destination: such a one may have ended when the base was looked at. */
const technical = 1;
/** The share of the run that is judged: its end. */
const judged = 0.65;

/** How many of the looks are judged: the last ones. */
export function judgedLooks({ looks }: SoakRecord): number {
  return Math.ceil(looks.length * judged);
}

export interface NamedGrowth extends Growth {
  readonly name: keyof typeof tolerances;
}

/** How memory grew in the second part of a run. */
export function growths(record: SoakRecord): readonly NamedGrowth[] {
  const part = record.looks.slice(-judgedLooks(record));
  return (Object.keys(tolerances) as (keyof typeof tolerances)[]).map((name) => ({
    name,
    ...judgeGrowth(
      part.map((look) => ({ at: look.at, value: look[name] })),
      tolerances[name],
    ),
  }));
}

/** Judges a soak. */
export function judgeSoak(record: SoakRecord): readonly Verdict[] {
  const { faults, alarms, exit, base, last } = record;
  const list = (all: readonly string[]) => (all.length === 0 ? 'none' : all.slice(0, 10).join('; '));
  const wrong = Object.entries(faults).map(([what, count]) => `${what} (${count}×)`);
  const told = ({ slope, least, most, growth, verdict }: Growth) =>
    `${signed(slope)} MB/min (95 %: ${signed(least)} to ${signed(most)}), ${signed(growth)} MB in all: ${verdict}`;
  const left = base === undefined || last === undefined ? ['it was not looked at'] : leftOver(base, last);
  const missing = notDone(record);
  return [
    { name: 'the process lived', holds: exit === undefined, told: exit === undefined ? 'yes' : `it ended: ${exit}` },
    { name: 'every answer was right', holds: wrong.length === 0, told: list(wrong) },
    { name: 'no line of alarm', holds: alarms.length === 0, told: list([...new Set(alarms)]) },
    ...growths(record).map((growth) => ({
      name: `${growth.name} does not grow`,
      holds: growth.verdict === 'flat',
      told: told(growth),
    })),
    { name: 'everything was let go of', holds: left.length === 0, told: list(left) },
    { name: 'everything was done', holds: missing.length === 0, told: list(missing.map((name) => `not: ${name}`)) },
  ];
}

/** What there is more of at the end than at the base. */
function leftOver(base: Look, last: Look): string[] {
  const more = (what: string, before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>) =>
    Object.entries(now)
      .filter(([kind, count]) => count > (before[kind] ?? 0))
      .map(([kind, count]) => `${what} ${kind}: ${before[kind] ?? 0} → ${count}`);
  const heap = last.heap - base.heap > tolerated ? [`heap: ${base.heap.toFixed(1)} → ${last.heap.toFixed(1)} MB`] : [];
  return [
    ...more('handles', base.resources, last.resources),
    ...more('listeners', base.listeners, last.listeners),
    ...more('held', { ...base.held, tokens: Math.max(base.held.tokens, technical) }, { ...last.held }),
    ...Object.entries(last.held)
      .filter(([kind, count]) => kind !== 'tokens' && count > 0)
      .map(([kind, count]) => `${kind}: ${count}`),
    ...heap,
  ];
}

/** What the load should have brought about and has not: then the rest says nothing of it. */
function notDone({ kinds, seen, plan, exit }: SoakRecord): string[] {
  if (exit !== undefined) return [];
  const counted = [
    /renewals_total\{.*outcome="ok"/,
    /reloads_total\{outcome="taken"/,
    /credentials_total\{destination="user",cache="miss"/,
    /credentials_total\{destination="user",cache="hit"/,
    /logouts_total\{by="provider"/,
    ...(plan.sessionsIn === 'memory' ? [/logouts_total\{by="expiry"/] : []),
  ].filter((pattern) => !Object.entries(seen).some(([name, count]) => pattern.test(name) && count > 0));
  return [...Object.keys(acts).filter((name) => !kinds[name] && !(name in shared)), ...counted.map(String)];
}

/** Acts that are counted under another name. */
const shared = { '1 KB, user token': '1 KB' };

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
