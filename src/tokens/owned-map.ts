import { Line, type Place } from '../line.ts';

interface Entry<V> {
  readonly name: string;
  readonly value: V;
  readonly owner: string | undefined;
  /** Since it was last passed over. */
  used: boolean;
}

/** Entries that are looked at for each one that comes: more than come, so that what is over does not become many. */
const looks = 2;
/** Entries in use that are passed over for each one that comes: where all are, one of them goes all the same. */
const chances = 16;

/**
 * A Map of bounded size whose entries may belong to somebody, and go with him: at a logout, and at the end of each of a
 * thousand sessions whose time is over at once, nobody looks through what belongs to others.
 */
export class OwnedMap<V> {
  readonly #entries = new Map<string, Place<Entry<V>>>();
  /** The oldest first. */
  readonly #line = new Line<Entry<V>>();
  readonly #namesOf = new Map<string, Set<string>>();
  readonly #capacity: number;
  readonly #isOver: (value: V) => boolean;
  /** The next to be looked at; undefined: the oldest. */
  #next: Place<Entry<V>> | undefined;

  /**
   * @param capacity entries at most; those not used for long go first
   * @param isOver whether nobody can use it any more
   */
  constructor(capacity: number, isOver: (value: V) => boolean) {
    this.#capacity = capacity;
    this.#isOver = isOver;
  }

  /** As somebody who uses it. */
  get(name: string): V | undefined {
    const entry = this.#entries.get(name)?.one;
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  peek(name: string): V | undefined {
    return this.#entries.get(name)?.one.value;
  }

  set(name: string, value: V, owner: string | undefined): void {
    this.delete(name);
    this.#tidy();
    this.#makeRoom();
    this.#entries.set(name, this.#line.join({ name, value, owner, used: false }));
    if (owner === undefined) return;
    const names = this.#namesOf.get(owner);
    if (names === undefined) this.#namesOf.set(owner, new Set([name]));
    else names.add(name);
  }

  delete(name: string): void {
    const place = this.#entries.get(name);
    if (place === undefined) return;
    this.#entries.delete(name);
    this.#pass(place);
    this.#line.leave(place);
    const { owner } = place.one;
    if (owner === undefined) return;
    const names = this.#namesOf.get(owner);
    names?.delete(name);
    if (names?.size === 0) this.#namesOf.delete(owner);
  }

  forget(owner: string): void {
    for (const name of [...(this.#namesOf.get(owner) ?? [])]) this.delete(name);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is over goes, though nobody asks for it again: tokens of callers that bring a new one each hour. */
  #tidy(): void {
    for (let look = 0; look < looks; look++) {
      const place = this.#next ?? this.#line.first;
      if (place === undefined) return;
      this.#next = place.after;
      if (this.#isOver(place.one.value)) this.delete(place.one.name);
    }
  }

  /** The oldest that nobody has used since the last look (second chance): to keep the order of use would cost each request. */
  #makeRoom(): void {
    for (let passed = 0; this.#entries.size >= this.#capacity; ) {
      const place = this.#line.first;
      if (place === undefined) return;
      if (place.one.used && passed++ < chances) {
        place.one.used = false;
        this.#pass(place);
        this.#line.toEnd(place);
      } else this.delete(place.one.name);
    }
  }

  /** Whoever looks goes on behind a place that will not be there. */
  #pass(place: Place<Entry<V>>): void {
    if (this.#next === place) this.#next = place.after;
  }
}
