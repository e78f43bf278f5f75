import type { Clock } from '../clock.ts';

/** Locks a client id after wrong secrets in a row (token-flows.md C2, H42). */
export interface Lockout {
  isLocked(clientId: string): boolean;
  failed(clientId: string): void;
  succeeded(clientId: string): void;
  /** Forgets everything, as an administrator would. */
  reset(): void;
}

const lockedFor = 3_600_000;

/** `threshold` failures lock the id for 60 minutes; Infinity never does. */
export function makeLockout(clock: Clock, threshold: number): Lockout {
  const failures = new Map<string, { readonly count: number; readonly since: number }>();
  const current = (clientId: string) => {
    const entry = failures.get(clientId);
    return entry && clock.now() - entry.since < lockedFor ? entry.count : 0;
  };
  return Object.freeze({
    isLocked: (clientId: string) => current(clientId) >= threshold,
    failed: (clientId: string) => {
      failures.set(clientId, { count: current(clientId) + 1, since: clock.now() });
    },
    succeeded: (clientId: string) => {
      failures.delete(clientId);
    },
    reset: () => failures.clear(),
  });
}
