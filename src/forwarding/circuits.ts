import type { Target } from '../destinations/read-target.ts';
import { AppError } from '../errors/app-error.ts';

/**
 * Destinations that cannot be reached are given pauses: who waits for a connection that does not come holds connections,
 * memory and a person, and the one that is down gets no peace to come up. Only failures to reach it and to get any answer
 * count, in a row; what a backend answers is its own business, 5xx too.
 */
export interface Circuits {
  /**
   * To be called before a destination is. @returns whether this request is the one by which it is tried again: nobody else
   * does until it has ended
   * @param uploads its body is still to come, and may take its time: others need not wait for that longer than for a pause
   * @throws AppError 503 with Retry-After while it has its pause
   */
  enter(target: Target, uploads?: boolean): boolean;
  /** It has answered something. */
  answered(target: Target): void;
  /** It has failed, or it is not known (the client left). @param probe what `enter` returned */
  ended(target: Target, probe: boolean, cause: unknown): void;
  /** Names of the destinations that have a pause now. */
  paused(): readonly string[];
}

export interface CircuitSettings {
  /** Failures in a row after which there is a pause; 0: never. */
  readonly failures: number;
  /** Milliseconds. */
  readonly pause: number;
  /** Told when a pause begins, and when the destination answers again. */
  readonly onChange: (destination: string, state: 'paused' | 'reached') => void;
}

interface Circuit {
  readonly name: string;
  failures: number;
  /** Milliseconds of the monotonic clock. */
  pausedUntil: number;
  probing: boolean;
}

/** Whose failures are remembered at most: names may come from a service that others write. */
const most = 1_000;

/** The destination was not there, or said nothing in time. */
const outages: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);

export function createCircuits(
  { failures: limit, pause, onChange }: CircuitSettings,
  now: () => number = () => performance.now(),
): Circuits {
  const failing = new Map<string, Circuit>();
  return {
    enter({ jar, name }, uploads = false) {
      if (failing.size === 0) return false;
      const circuit = failing.get(jar);
      if (circuit === undefined || circuit.failures < limit) return false;
      const left = circuit.pausedUntil - now();
      if (left > 0 || circuit.probing) throw paused(name, left);
      circuit.probing = !uploads;
      if (uploads) circuit.pausedUntil = now() + pause;
      return !uploads;
    },
    answered({ jar }) {
      if (failing.size === 0) return;
      const circuit = failing.get(jar);
      if (circuit === undefined) return;
      failing.delete(jar);
      if (circuit.failures >= limit) onChange(circuit.name, 'reached');
    },
    ended({ jar, name }, probe, cause) {
      const isOutage = limit > 0 && outages.has((cause as { code?: unknown } | undefined)?.code);
      let circuit = failing.get(jar);
      if (circuit !== undefined && probe) circuit.probing = false;
      if (!isOutage) return;
      if (circuit === undefined) {
        circuit = { name, failures: 0, pausedUntil: 0, probing: false };
        failing.set(jar, circuit);
        const [oldest] = failing.keys();
        if (failing.size > most && oldest !== undefined) failing.delete(oldest);
      }
      circuit.failures += 1;
      // Those that were under way when the pause began do not make it longer.
      if (circuit.failures === limit || probe) circuit.pausedUntil = now() + pause;
      if (circuit.failures === limit) onChange(name, 'paused');
    },
    paused: () => [...failing.values()].filter(({ failures }) => failures >= limit).map(({ name }) => name),
  };
}

function paused(name: string, left: number): AppError {
  return new AppError({
    code: 'ERR_UPSTREAM_PAUSED',
    status: 503,
    detail: `The destination "${name}" could not be reached several times in a row; it is tried again in a moment.`,
    headers: { 'retry-after': String(Math.max(1, Math.ceil(left / 1000))) },
  });
}
