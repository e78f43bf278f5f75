import { bareUndici } from '../peers/bare-undici.ts';
import type { Plan } from '../plan.ts';
import { compareCheckouts, here } from './compare-checkouts.ts';

/**
 * The least share of the bare proxy's efficiency that a forwarded request may have. The goal is 0.6, and a quiet machine
 * shows about that; what this catches is a change that costs a half more, on a machine that is busy with other things.
 */
const least = 0.38;

/** What the guard has seen. */
export interface Guarded {
  /** Processor time per request of the bare proxy by that of this router; by the best round of each. */
  readonly ratio: number;
  readonly least: number;
  readonly holds: boolean;
}

/**
 * Measures whether forwarding has become expensive, in a quarter of a minute. By processor time, and by the best round:
 * others on the machine make rounds worse, never better.
 * @param tell told about each round
 */
export async function guard(plan: Plan, tell: (line: string) => void): Promise<Guarded> {
  const turns = await compareCheckouts([], plan, tell);
  const best = (name: string) => Math.min(...(turns.get(name) ?? []).map(({ cost }) => cost));
  const ratio = best(bareUndici.name) / best(here);
  return { ratio, least, holds: ratio >= least };
}
