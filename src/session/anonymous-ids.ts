import { Line, type Place } from '../line.ts';

/**
 * Sessions without a login that are kept: whoever asks for a CSRF token gets one, and a program that asks on and on would
 * fill the memory with them (T-28). One takes about a kilobyte.
 */
const atMost = 20_000;

/** Ids of sessions that nobody is logged in with, the oldest first. */
export class AnonymousIds {
  readonly #places = new Map<string, Place<string>>();
  readonly #line = new Line<string>();

  /** @returns the session that must go for it, if there are too many */
  add(id: string): string | undefined {
    if (!this.#places.has(id)) this.#places.set(id, this.#line.join(id));
    return this.#places.size > atMost ? this.#line.first?.one : undefined;
  }

  delete(id: string): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    this.#line.leave(place);
  }
}
