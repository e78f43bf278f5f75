import type { Dispatcher } from 'undici';
import { AppError } from '../errors/app-error.ts';

/** Who is on the way to a backend, and who waits for a connection to it. */
export interface Crowd {
  /**
   * Counts a request in. @returns whether it has to wait
   * @throws AppError 503 with Retry-After when too many wait already
   */
  enter(pool: Dispatcher, destination: string): boolean;
  leave(pool: Dispatcher): void;
}

/**
 * Bounds the requests that wait for a connection: a backend that is slower than its callers would otherwise collect them
 * until the memory is full, and each would wait longer than anybody does.
 * @param connections BACKEND_MAX_SOCKETS
 * @param queue PORTUNUS_BACKEND_QUEUE
 */
export function createCrowd(connections: number, queue: number): Crowd {
  const counts = new WeakMap<Dispatcher, { inside: number }>();
  return {
    enter(pool, destination) {
      let count = counts.get(pool);
      if (count === undefined) {
        count = { inside: 0 };
        counts.set(pool, count);
      }
      if (count.inside >= connections + queue) throw busy(destination);
      count.inside += 1;
      return count.inside > connections;
    },
    leave(pool) {
      const count = counts.get(pool);
      if (count !== undefined) count.inside -= 1;
    },
  };
}

/** @param cause of who has waited for too long; undefined for who need not begin */
export function busy(destination: string, cause?: unknown): AppError {
  return new AppError({
    code: 'ERR_UPSTREAM_BUSY',
    status: 503,
    detail: `All connections to the destination "${destination}" are in use, and too many requests wait for one.`,
    hint: 'Try again in a moment. BACKEND_MAX_SOCKETS and PORTUNUS_BACKEND_QUEUE say how many there may be.',
    headers: { 'retry-after': '1' },
    cause,
  });
}
