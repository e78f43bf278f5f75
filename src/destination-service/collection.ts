import { type CheckContent, checkCertificate, checkDestination, checkFragment } from './check-content.ts';
import { etagOf } from './etag.ts';
import type { Filtered } from './filter.ts';
import { isObject } from './flat.ts';
import type { Note } from './notes.ts';
import { notFound, refusal } from './refusal.ts';
import type { Edit, Item, Level, Outcome } from './shelf.ts';
import type { Kind, Store } from './store.ts';

/** What differs between the kinds (destination-service.md 4.6, 4.7, section 5). */
export const kinds = {
  Destinations: { nameKey: 'Name', check: checkDestination },
  DestinationFragments: { nameKey: 'FragmentName', check: checkFragment },
  Certificates: { nameKey: 'Name', check: checkCertificate },
} as const satisfies Record<Kind, { readonly nameKey: string; readonly check: CheckContent }>;

/** A thing as lists show it. */
export interface Entry extends Filtered {
  readonly content: Item['content'];
  readonly etag: string;
}

/** Things of one kind on one level. */
export interface Collection {
  list(): Promise<readonly Entry[]>;
  /** @throws AppError 404 */
  get(name: string): Promise<Entry>;
  /** Creates or replaces; what is not fit to be kept is refused. */
  put(kind: 'create' | 'replace', contents: readonly unknown[]): Promise<readonly Put[]>;
  delete(names: readonly string[]): Promise<readonly Outcome[]>;
  /** What is noted of a thing. */
  readonly note: (name: string, change: (note: Note) => Note) => Promise<void>;
}

/** What became of one content. */
export interface Put {
  readonly name: string;
  readonly status: 200 | 201 | 400 | 404 | 409;
  readonly etag?: string;
  readonly cause?: string;
}

export function openCollection(store: Store, kind: Kind, level: Level): Collection {
  const { notes, [kind]: shelves } = store;
  const shelf = shelves[level];
  const { nameKey, check } = kinds[kind];
  const keyOf = (name: string) => `${kind}/${level}/${name}`;
  const entryOf = ({ name, content, changedAt }: Item, note: Note | undefined): Entry => {
    const etag = etagOf(content);
    const known = note?.etag === etag ? note.changedAt : undefined;
    return { name, content, etag, changedAt: known ?? changedAt, labels: note?.labels ?? [] };
  };

  return {
    async list() {
      const [items, all] = await Promise.all([shelf.list(), notes.all()]);
      return items.map((item) => entryOf(item, all[keyOf(item.name)]));
    },

    async get(name) {
      const item = await shelf.find(name);
      if (item === undefined) throw refusal(404, notFound);
      return entryOf(item, await notes.get(keyOf(name)));
    },

    async put(editKind, contents) {
      const checked = contents.map((content) => judge(content, nameKey, check));
      const edits = checked.flatMap((one): Edit[] =>
        'content' in one ? [{ kind: editKind, name: one.name, content: one.content }] : [],
      );
      const outcomes = [...(await shelf.apply(edits))];
      const results = checked.map((one): Put => {
        if (!('content' in one)) return { name: one.name, status: 400, cause: one.problem };
        return putOf(editKind, one.name, outcomes.shift() ?? { kind: 'missing' });
      });
      // Of several, all are read back at once: each look into the shelf reads the whole file.
      const kept = results.length > 1 ? firstByName(await shelf.list()) : undefined;
      const find = async (name: string) => (kept === undefined ? shelf.find(name) : kept.get(name));
      const written = await Promise.all(
        results.map(async (one) => {
          const item = one.status < 300 ? await find(one.name) : undefined;
          return item === undefined ? one : { ...one, etag: etagOf(item.content) };
        }),
      );
      const changedAt = Date.now();
      await notes.change((all) => {
        for (const { name, etag } of written)
          if (etag !== undefined) all[keyOf(name)] = { ...all[keyOf(name)], etag, changedAt };
      });
      return written;
    },

    async delete(names) {
      const outcomes = await shelf.apply(names.map((name) => ({ kind: 'delete', name })));
      await notes.change((all) => {
        for (const [index, { kind: outcome }] of outcomes.entries())
          if (outcome === 'done') all[keyOf(names[index] ?? '')] = undefined;
      });
      return outcomes;
    },

    note: (name, change) =>
      notes.change((all) => {
        all[keyOf(name)] = change(all[keyOf(name)] ?? {});
      }),
  };
}

function firstByName(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.name, item] as const).reverse());
}

function judge(content: unknown, nameKey: string, check: CheckContent) {
  if (!isObject(content)) return { name: '', problem: 'Each must be a JSON object' };
  const name = typeof content[nameKey] === 'string' ? content[nameKey] : '';
  const problem = check(content);
  return problem === undefined ? { name, content: clean(content) } : { name, problem };
}

/** `$metadata` is what the service says of a thing, and comes back when an answer is sent back. */
function clean(content: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(content).filter(([key]) => key !== '$metadata'));
}

function putOf(kind: 'create' | 'replace', name: string, outcome: Outcome): Put {
  switch (outcome.kind) {
    case 'done':
      return { name, status: kind === 'create' ? 201 : 200 };
    case 'exists':
      return { name, status: 409, cause: `Configuration with the name '${name}' already exists` };
    case 'missing':
      return { name, status: 404, cause: notFound };
    case 'refused':
      return { name, status: 400, cause: outcome.why };
  }
}
