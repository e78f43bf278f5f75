/** The two levels at which things are kept (destination-service.md 1.3). */
export const levels = ['instance', 'subaccount'] as const;
export type Level = (typeof levels)[number];

/** One thing that is kept. */
export interface Item {
  readonly name: string;
  /** As the API answers it. */
  readonly content: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch: of the file that it is in. */
  readonly changedAt: number;
}

/** What is kept of one kind at one level. */
export interface Shelf {
  /** In the order of the file. @throws AppError 500 when what is there cannot be read */
  list(): Promise<readonly Item[]>;
  find(name: string): Promise<Item | undefined>;
  /**
   * Applies changes in their order, all based on what is there now and written together; those that cannot be applied
   * change nothing. Nobody else writes meanwhile, nor loses what they wrote.
   * @returns one outcome for each
   */
  apply(edits: readonly Edit[]): Promise<readonly Outcome[]>;
}

export type Edit =
  | { readonly kind: 'create' | 'replace'; readonly name: string; readonly content: Readonly<Record<string, unknown>> }
  | { readonly kind: 'delete'; readonly name: string };

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'missing' }
  /** There is a reason against it. */
  | { readonly kind: 'refused'; readonly why: string };
