import { bareUndici } from '../peers/bare-undici.ts';
import type { Plan } from '../plan.ts';
import { compareCheckouts, here } from './compare-checkouts.ts';

/**
 * The least share of the bare proxy's efficiency that a forwarded request may have. Seen are 0.45 to 0.57, and 0.32 once
 * in a first run; what this catches is a change that makes a request twice as expensive, on whatever machine.
 */
const least = 0.3;
/** One that falls short is measured again: a machine that others use makes figures worse, never better. */
const triesAtMost = 3;

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
  let ratio = 0;
  for (let count = 0; count < triesAtMost && ratio < least; count++) {
    const turns = await compareCheckouts([], plan, tell);
    const best = (name: string) => Math.min(...(turns.get(name) ?? []).map(({ cost }) => cost));
    ratio = Math.max(ratio, best(bareUndici.name) / best(here));
  }
  return { ratio, least, holds: ratio >= least };
}
