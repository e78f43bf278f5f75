/**
 * Sessions without a login that are kept: whoever asks for a CSRF token gets one, and a program that asks on and on would
 * fill the memory with them (T-28). One takes about a kilobyte.
 */
const atMost = 20_000;

/** Ids of sessions that nobody is logged in with, the oldest first. */
export class AnonymousIds {
  readonly #ids = new Set<string>();
  /** Goes along from the oldest: to begin anew each time would pass all places that are empty by then. */
  #oldest = this.#ids.values();

  /** @returns the session that must go for it, if there are too many */
  add(id: string): string | undefined {
    this.#ids.add(id);
    if (this.#ids.size <= atMost) return undefined;
    const next = this.#oldest.next();
    if (!next.done) return next.value;
    this.#oldest = this.#ids.values();
    return this.#oldest.next().value;
  }

  delete(id: string): void {
    this.#ids.delete(id);
  }
}
