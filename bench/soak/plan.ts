/** How long and how much. Times are seconds. */
export interface SoakPlan {
  readonly seconds: number;
  readonly sessionsIn: 'memory' | 'redis';
  /** Live sessions, always as many when somebody looks. */
  readonly sessions: number;
  /** Acts under way at a time. */
  readonly atOnce: number;
  /** Load between two looks. */
  readonly round: number;
  /** Rounds from one replaced configuration to the next. */
  readonly reloadEvery: number;
  /** Until all code has been compiled and all caches have been used; then everybody leaves once, and what is left is the base. */
  readonly warmUp: number;
  /** Idle time of sessions. */
  readonly idle: number;
  /** Life of users' tokens: they are renewed at half of it. */
  readonly tokenLife: number;
  /** Bytes that are kept of each request on purpose; 0 but to see whether that is found. */
  readonly leak: number;
}

/** Short runs turn over fewer sessions faster, so that everything happens in them, too. */
export function planFor(seconds: number, sessionsIn: SoakPlan['sessionsIn'], leak: number): SoakPlan {
  const isShort = seconds < 180;
  return {
    seconds,
    sessionsIn,
    sessions: isShort ? 60 : 300,
    atOnce: 8,
    round: isShort ? 1 : 3,
    reloadEvery: isShort ? 6 : 8,
    warmUp: isShort ? seconds * 0.3 : 60,
    idle: isShort ? 20 : 30,
    tokenLife: isShort ? 12 : 20,
    leak,
  };
}
