import { scheduleKey } from './redis-keys.ts';
import { claimScript, type RunScript, scheduleScript, unindexScript } from './redis-scripts.ts';

/** Milliseconds that an instance has for an end it has claimed, and how many it claims at once. */
const claimTime = 30_000;
const claims = 100;

/** When the ends of sessions are looked for: by all instances, but each end by one. */
export interface Schedule {
  /** @param wait milliseconds until the end of the session is looked for */
  put(id: string, wait: number): Promise<unknown>;
  drop(id: string): Promise<unknown>;
  /** Claims all sessions whose turn it is and hands them to `settle`, which puts or drops them. */
  sweep(settle: (id: string) => Promise<unknown>): Promise<void>;
}

/**
 * A sorted set in Redis. Uses do not move a session in it, which would cost a write for each request; when its turn comes
 * and it lives, it is put in anew. What an instance has claimed and left undone comes up again after the claim.
 */
export function createSchedule(run: RunScript): Schedule {
  return {
    put: (id, wait) => run(scheduleScript, scheduleKey, String(Date.now() + Math.max(0, wait)), id),
    drop: (id) => run(unindexScript, scheduleKey, id),
    async sweep(settle) {
      let due: string[];
      do {
        const now = Date.now();
        due = (await run(claimScript, scheduleKey, String(now), String(now + claimTime), String(claims))) as string[];
        await Promise.all(due.map(settle));
      } while (due.length === claims);
    },
  };
}
