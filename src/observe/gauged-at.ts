import type { Gauged } from './count-metrics.ts';

/** What is looked at when a scrape comes, of whoever serves then: a configuration may have been replaced. */
export function gaugedAt(present: () => Gauged): Gauged {
  return {
    pools: () => present().pools(),
    certificates: () => present().certificates(),
    paused: () => present().paused(),
    held: () => present().held(),
  };
}
