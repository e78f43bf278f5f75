/** Where somebody stands in a line. */
export interface Place<T> {
  readonly one: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

/**
 * Who has come first stands first; leaving and going to the end take no longer where many stand. Not a Map in order of
 * insertion: looking for its first entry passes all places that are empty by then, and an iterator that is kept to go on from
 * there keeps every table that V8 has replaced since, with all that ever stood in it (a kilobyte and a half for each token).
 */
export class Line<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;

  get first(): Place<T> | undefined {
    return this.#first;
  }

  /** At the end. */
  join(one: T): Place<T> {
    const place: Place<T> = { one, before: undefined, after: undefined };
    this.#append(place);
    return place;
  }

  toEnd(place: Place<T>): void {
    this.leave(place);
    this.#append(place);
  }

  leave(place: Place<T>): void {
    const { before, after } = place;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    // What has left leads to nobody: an old object that waits to be collected would keep all who came later.
    place.before = undefined;
    place.after = undefined;
  }

  #append(place: Place<T>): void {
    place.before = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
  }
}
