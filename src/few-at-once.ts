/** Does work when it is its turn. @returns what the work returns. @throws what it throws */
export type InTurn = <T>(work: () => T | Promise<T>) => Promise<T>;

/** Who waits, each with the next behind it: taking the first out of a long array would move all others. */
interface Waiting {
  readonly go: () => void;
  next: Waiting | undefined;
}

/**
 * A queue before work of which there may be thousands at once, as after the logout of a user with as many sessions: what it is
 * asked of (Redis, a provider, a backend) would have no time for anybody else, and nor would we. So some of it is under way at
 * a time, and requests have their turn in between.
 * @param most under way at a time
 */
export function fewAtOnce(most: number): InTurn {
  let underWay = 0;
  let first: Waiting | undefined;
  let last: Waiting | undefined;
  const turn = () =>
    new Promise<void>((go) => {
      const waiting: Waiting = { go, next: undefined };
      if (last === undefined) first = waiting;
      else last.next = waiting;
      last = waiting;
    });
  const leave = () => {
    const { go, next } = first ?? {};
    if (go === undefined) {
      underWay -= 1;
      return;
    }
    first = next;
    if (next === undefined) last = undefined;
    setImmediate(go);
  };
  return async (work) => {
    if (underWay >= most) await turn();
    else underWay += 1;
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
