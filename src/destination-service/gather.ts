import type { FindRequest } from './find-request.ts';
import type { Flat } from './flat.ts';
import { notFound, refusal } from './refusal.ts';
import { type Level, levels } from './shelf.ts';
import type { Store } from './store.ts';

/** A destination with its fragments, and where all of it is kept. */
export interface Gathered {
  readonly level: Level;
  readonly destination: Flat;
  /** Names of the fragments that were applied. */
  readonly fragments: readonly { readonly name: string; readonly level: Level }[];
}

/**
 * Finds a destination and lays its fragments over it, in their order (destination-service.md 4.7).
 * @param at one level (v2); undefined: the instance's, then the subaccount's (v1)
 * @throws AppError 404
 */
export async function gather(
  store: Store,
  name: string,
  at: Level | undefined,
  { fragments, fragmentsOptional }: Pick<FindRequest, 'fragments' | 'fragmentsOptional'>,
): Promise<Gathered> {
  for (const level of at === undefined ? levels : [at]) {
    const item = await store.Destinations[level].find(name);
    if (item === undefined) continue;
    const applied: { name: string; level: Level }[] = [];
    let destination = item.content as Flat;
    for (const wanted of fragments) {
      const { name: fragmentName, level: fragmentLevel = level } = readLevel(wanted);
      const fragment = await store.DestinationFragments[fragmentLevel].find(fragmentName);
      if (fragment === undefined && fragmentsOptional) continue;
      if (fragment === undefined)
        throw refusal(404, `Destination fragment with name '${fragmentName}' was not found on ${fragmentLevel} level`);
      destination = Object.freeze({ ...destination, ...(fragment.content as Flat) });
      applied.push({ name: fragmentName, level: fragmentLevel });
    }
    if (applied.length > 0)
      destination = Object.freeze({ ...destination, FragmentName: applied.map((one) => one.name).join(',') });
    return { level, destination, fragments: applied };
  }
  throw refusal(404, notFound);
}

/** The store is of one account, which is provider and subscriber at once. */
const levelNames: Readonly<Record<string, Level>> = {
  instance: 'instance',
  subaccount: 'subaccount',
  provider_instance: 'instance',
  provider_subaccount: 'subaccount',
};

/** `name@level` (4.5). @throws AppError 400 for a level that there is not */
export function readLevel(text: string): { readonly name: string; readonly level?: Level } {
  const [name = '', level, ...rest] = text.split('@');
  if (level === undefined) return { name };
  const known = Object.hasOwn(levelNames, level) ? levelNames[level] : undefined;
  if (known === undefined || rest.length > 0)
    throw refusal(400, `The level must be one of ${Object.keys(levelNames).join(', ')}`);
  return { name, level: known };
}
