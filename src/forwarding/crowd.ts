import type { Dispatcher } from 'undici';
import { AppError } from '../errors/app-error.ts';

/** The connections to one backend: who uses them, and who waits for one. */
export interface Seats {
  /** When they were last used, in milliseconds of the monotonic clock; undefined: never. */
  readonly usedAt: number | undefined;
  /** How many wait. */
  readonly waiting: number;
  /** Takes a seat, if one is free. */
  take(): boolean;
  /**
   * Takes a place in the line. @param turn called with the seat
   * @param destination told to who cannot come in
   * @throws AppError 503 with Retry-After when too many wait already
   */
  line(destination: string, turn: () => void): void;
  /** Who had a seat leaves it, and the next one of the line has it. */
  leave(): void;
  /** Who waits no longer leaves the line: its place is free. @returns false when it does not stand there */
  giveUp(turn: () => void): boolean;
}

/** Who is on the way to the backends. */
export interface Crowd {
  seatsOf(pool: Dispatcher): Seats;
}

/**
 * Bounds the requests that wait for a connection: a backend that is slower than its callers would otherwise collect them
 * until the memory is full, and each would wait longer than anybody does. They wait here and not in the pool, which knows no
 * way out of its queue: those who have left would stand in it before those who have not.
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
  let seated = 0;
  const line = new Set<() => void>();
  let usedAt: number | undefined;
  return {
    get usedAt() {
      return usedAt;
    },
    get waiting() {
      return line.size;
    },
    take() {
      if (seated >= connections) return false;
      seated += 1;
      return true;
    },
    line(destination, turn) {
      if (line.size >= queue) throw busy(destination);
      line.add(turn);
    },
    leave() {
      usedAt = performance.now();
      const [next] = line;
      if (next === undefined) {
        seated -= 1;
        return;
      }
      line.delete(next);
      next();
    },
    giveUp: (turn) => line.delete(turn),
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
