import type { Dispatcher } from 'undici';
import { AppError } from '../errors/app-error.ts';

/** The connections to one backend: who uses them, and who waits for one. */
export interface Seats {
  /** When they were last used, in milliseconds of the monotonic clock; undefined: never. */
  readonly usedAt: number | undefined;
  /**
   * Counts a request in. @returns whether it has to wait
   * @param destination told to who cannot come in
   * @throws AppError 503 with Retry-After when too many wait already
   */
  enter(destination: string): boolean;
  leave(): void;
}

/** Who is on the way to the backends. */
export interface Crowd {
  seatsOf(pool: Dispatcher): Seats;
}

/**
 * Bounds the requests that wait for a connection: a backend that is slower than its callers would otherwise collect them
 * until the memory is full, and each would wait longer than anybody does.
 * @param connections BACKEND_MAX_SOCKETS
 * @param queue PORTUNUS_BACKEND_QUEUE
 */
export function createCrowd(connections: number, queue: number): Crowd {
  const known = new WeakMap<Dispatcher, Seats>();
  return {
    seatsOf(pool) {
      let seats = known.get(pool);
      if (seats === undefined) {
        seats = createSeats(connections, queue);
        known.set(pool, seats);
      }
      return seats;
    },
  };
}

function createSeats(connections: number, queue: number): Seats {
  let inside = 0;
  let usedAt: number | undefined;
  return {
    get usedAt() {
      return usedAt;
    },
    enter(destination) {
      if (inside >= connections + queue) throw busy(destination);
      inside += 1;
      return inside > connections;
    },
    leave() {
      inside -= 1;
      usedAt = performance.now();
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
