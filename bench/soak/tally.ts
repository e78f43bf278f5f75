/** What the load has seen: how often each kind of thing was done, and everything that should not have been. */
export interface Tally {
  done(kind: string): void;
  /** @param what which answer came instead of which */
  unexpected(kind: string, what: string): void;
  readonly kinds: ReadonlyMap<string, number>;
  readonly total: number;
  /** By text, how often. */
  readonly faults: ReadonlyMap<string, number>;
}

export function createTally(): Tally {
  const kinds = new Map<string, number>();
  const faults = new Map<string, number>();
  const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  let total = 0;
  return {
    kinds,
    faults,
    get total() {
      return total;
    },
    done(kind) {
      total += 1;
      add(kinds, kind);
    },
    unexpected: (kind, what) => void add(faults, `${kind}: ${what}`),
  };
}
