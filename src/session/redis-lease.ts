import { leaseScript, prolongScript, type RunScript, releaseScript } from './redis-scripts.ts';

/** Milliseconds until a lease lapses whose holder has died; a living one prolongs it in time. */
const leaseTime = 5_000;

/**
 * Does work while holding a lease that all instances respect. It is prolonged for as long as the work takes: a lease that
 * ends during a slow renewal would let a second one begin, and the provider punish both (wants 30).
 * @returns false when somebody else holds it
 */
export async function underLease(run: RunScript, key: string, work: () => Promise<void>): Promise<boolean> {
  const holder = crypto.randomUUID();
  if ((await run(leaseScript, key, String(leaseTime), holder)) === null) return false;
  const prolong = () => run(prolongScript, key, String(leaseTime), holder).catch(() => {});
  const prolonging = setInterval(prolong, leaseTime / 4);
  try {
    await work();
  } finally {
    clearInterval(prolonging);
    // What was done stays done; a lease that cannot be given back lapses.
    await run(releaseScript, key, holder).catch(() => {});
  }
  return true;
}
