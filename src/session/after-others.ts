import type { SessionStore } from './session-store.ts';

/** Milliseconds between tries, and the longest wait. */
const look = 25;
const longestWait = 1_000;

/**
 * Does work for a session when nobody else is at it, or after a second without their leave. A logout waits so for a renewal
 * under way, and then ends, and gives back, what the renewal has brought.
 */
export async function afterOthers(
  store: Pick<SessionStore, 'exclusively'>,
  id: string,
  work: () => Promise<void>,
): Promise<void> {
  const until = Date.now() + longestWait;
  while (Date.now() < until) {
    if (await store.exclusively(id, work)) return;
    await new Promise((go) => setTimeout(go, look));
  }
  await work();
}
