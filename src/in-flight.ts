interface Stay<T> {
  readonly one: T;
  place: number;
}

/**
 * What comes and goes thousands of times a second. Not a Set: V8 gives one that changes so much a new table every few dozen
 * changes, and each table keeps the next one, to lead whoever is going through it on. When one is among old objects when it
 * is replaced, all that follow stay with it, and in them every request, until the next full collection: looking through the
 * young objects took ten times as long (docs/performance.md).
 */
export class InFlight<T> {
  readonly #stays: Stay<T>[] = [];

  /** @returns for `leave` */
  enter(one: T): Stay<T> {
    const stay = { one, place: this.#stays.length };
    this.#stays.push(stay);
    return stay;
  }

  leave(stay: Stay<T>): void {
    const last = this.#stays.pop();
    if (last === undefined || last === stay) return;
    this.#stays[stay.place] = last;
    last.place = stay.place;
  }

  get count(): number {
    return this.#stays.length;
  }

  all(): readonly T[] {
    return this.#stays.map(({ one }) => one);
  }
}
