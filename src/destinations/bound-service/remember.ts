import { AppError } from '../../errors/app-error.ts';

/** What was looked up, for a while. */
export interface Memory<T> {
  /**
   * The value of a key: at once when it is kept, else looked up, once however many wait. Shortly before its end it is
   * looked up behind the scenes; when that fails afterwards, too, the last value serves for up to an hour.
   * @throws what `look` throws; the same failure stands for a moment
   */
  get(key: string, look: (last: T | undefined) => Promise<T>): T | Promise<T>;
  /** The next one asks again. */
  forget(key: string): void;
}

export interface MemorySettings<T> {
  /** Values kept at most that outlive, and as many of the others; the one not used for longest goes first. */
  readonly capacity: number;
  /**
   * Questions under way at most for names that are known, and as many for others: whoever makes up names must not become a
   * flood at the service, nor keep others from it.
   */
  readonly flights: number;
  /** Milliseconds that a value is good for. */
  readonly lifeOf: (value: T) => number;
  /** Whether a value may serve on while the service is out of reach. */
  readonly outlives: (value: T) => boolean;
  readonly now: () => number;
  readonly busy: () => AppError;
  /** Told once an outage, when an old value serves. */
  readonly onStale: (failure: AppError) => void;
}

/** The part of a value's life after which it is looked up ahead of its end. */
const ahead = 0.8;
/** Milliseconds: an old value serves so much longer than it should, at most. */
const longest = 3_600_000;
/** Milliseconds that a failure stands, and that an old value serves before the next try. */
const pause = 2_000;
const stalePause = 10_000;

interface Kept<T> {
  readonly value: T;
  /** Milliseconds since the epoch: to be looked up ahead; not to be used without looking; not to be used at all. */
  due: number;
  end: number;
  readonly last: number;
}

export function createMemory<T>(settings: MemorySettings<T>): Memory<T> {
  const { capacity, flights: most, lifeOf, outlives, now, busy, onStale } = settings;
  const kept = new Map<string, Kept<T>>();
  /** Apart, or made-up names would push out what others use. */
  const passing = new Map<string, Kept<T>>();
  const failures = new Map<string, { readonly until: number; readonly error: AppError }>();
  const flights = new Map<string, Promise<T>>();
  const underWay = { known: 0, unknown: 0 };

  const forget = (key: string) => {
    kept.delete(key);
    passing.delete(key);
  };

  const keep = (key: string, value: T) => {
    const life = lifeOf(value);
    const time = now();
    const end = time + life;
    const stays = outlives(value);
    forget(key);
    const among = stays ? kept : passing;
    among.set(key, { value, due: time + life * ahead, end, last: end + (stays ? longest : 0) });
    trim(among, capacity);
  };

  const fail = (key: string, error: unknown, last: Kept<T> | undefined): T => {
    if (!(error instanceof AppError)) throw error;
    const asked = Number(error.headers['retry-after'] ?? 0) * 1000;
    const time = now();
    if (last !== undefined && time < last.last) {
      if (time >= last.end) onStale(error);
      last.due = Math.min(time + Math.max(asked, stalePause), last.last);
      last.end = Math.max(last.end, last.due);
      return last.value;
    }
    failures.set(key, { until: now() + Math.max(asked, pause), error });
    trim(failures, capacity);
    throw error;
  };

  const fly = (key: string, look: (last: T | undefined) => Promise<T>): Promise<T> => {
    const shared = flights.get(key);
    if (shared !== undefined) return shared;
    const last = kept.get(key) ?? passing.get(key);
    const kind = kept.has(key) ? 'known' : 'unknown';
    if (underWay[kind] >= most) return Promise.reject(busy());
    underWay[kind] += 1;
    const flight: Promise<T> = look(last?.value).then(
      (value) => {
        // Not if it was forgotten meanwhile.
        if (flights.get(key) === flight) keep(key, value);
        return value;
      },
      (error: unknown) => fail(key, error, kept.get(key) ?? passing.get(key)),
    );
    flights.set(key, flight);
    const land = () => {
      underWay[kind] -= 1;
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.then(land, land);
    return flight;
  };

  return {
    get(key, look) {
      const among = kept.has(key) ? kept : passing;
      const entry = among.get(key);
      const time = now();
      if (entry !== undefined && time < entry.end) {
        among.delete(key);
        among.set(key, entry);
        if (time >= entry.due) fly(key, look).catch(() => undefined);
        return entry.value;
      }
      const failure = failures.get(key);
      if (failure !== undefined && time < failure.until) return Promise.reject(failure.error);
      failures.delete(key);
      return fly(key, look);
    },
    forget(key) {
      forget(key);
      flights.delete(key);
    },
  };
}

function trim(map: Map<string, unknown>, capacity: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(oldest);
  }
}
