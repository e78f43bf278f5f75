/** What time the landscape believes it is. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Whole seconds since 1970, as JWTs count. */
  seconds(): number;
}

export interface AdjustableClock extends Clock {
  /** Moves the landscape's time; negative seconds move it back. The OpenID Provider's own codes and sessions keep the machine's time. */
  advance(seconds: number): void;
  reset(): void;
}

export function makeClock(): AdjustableClock {
  let offset = 0;
  const now = () => Date.now() + offset;
  return Object.freeze({
    now,
    seconds: () => Math.floor(now() / 1000),
    advance: (seconds: number) => {
      offset += seconds * 1000;
    },
    reset: () => {
      offset = 0;
    },
  });
}
