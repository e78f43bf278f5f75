import type { MachineFacts } from '../machine/describe-machine.ts';
import type { Comparison } from '../measure/compare.ts';
import type { Scale } from '../measure/measure-scale.ts';
import type { SlowEnds } from '../measure/measure-slow-ends.ts';
import type { Starts } from '../measure/measure-start.ts';
import type { TokenMisses } from '../measure/measure-token-miss.ts';
import type { Transfers } from '../measure/measure-transfers.ts';
import type { Tunnels } from '../measure/measure-tunnels.ts';
import type { Plan } from '../plan.ts';

/** Everything that was measured, and where. */
export interface Result {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: MachineFacts;
  readonly plan: Plan;
  readonly backend: 'nginx' | 'node';
  /** Proxies that could not be measured here, and why. */
  readonly missing: readonly string[];
  readonly small: Comparison;
  readonly large: Comparison;
  readonly transfers: Transfers;
  readonly slowEnds: SlowEnds;
  readonly tunnels: Tunnels;
  readonly scale: Scale;
  readonly starts: Starts;
  readonly misses: TokenMisses;
}
