import { type Filter, readFilter } from './filter.ts';
import { refusal } from './refusal.ts';

/** What a list is asked for (destination-service.md 4.6): three modes that exclude each other. */
export type ListRequest =
  | { readonly kind: 'all'; readonly filter: Filter | undefined; readonly metadata: readonly Metadata[] }
  | { readonly kind: 'names' }
  | {
      readonly kind: 'page';
      /** Counted from 1. */
      readonly page: number;
      readonly pageSize: number;
      readonly pageCount: boolean;
      readonly entityCount: boolean;
    };

export type Metadata = 'modification_time' | 'etag';

type Query = Readonly<Record<string, unknown>>;

const paging = ['$page', '$pageSize', '$pageCount', '$entityCount'];

/** @throws AppError 400 */
export function readListRequest(query: Query, now: number): ListRequest {
  const repeated = Object.entries(query).find(([, value]) => typeof value !== 'string');
  if (repeated) throw refusal(400, `The query parameter ${repeated[0]} is repeated`);
  const given = (name: string) => query[name] as string | undefined;
  const paged = paging.some((name) => given(name) !== undefined);
  const listed = given('$filter') !== undefined || given('$includeMetadata') !== undefined;
  const selected = given('$select') !== undefined;
  if ([paged, listed, selected].filter(Boolean).length > 1)
    throw refusal(400, '$select, paging, and $filter with $includeMetadata exclude each other');
  if (selected) {
    if (!/^(?:Fragment)?Name$/.test(given('$select') ?? '')) throw refusal(400, '$select can be Name only');
    return { kind: 'names' };
  }
  if (paged)
    return {
      kind: 'page',
      page: wholeNumber('$page', given('$page') ?? '1', 1_000_000_000),
      pageSize: wholeNumber('$pageSize', given('$pageSize') ?? '10', 1_000),
      pageCount: isTrue('$pageCount', given('$pageCount')),
      entityCount: isTrue('$entityCount', given('$entityCount')),
    };
  const filter = given('$filter');
  return {
    kind: 'all',
    filter: filter === undefined ? undefined : readFilter(filter, now),
    metadata: readMetadata(given('$includeMetadata')),
  };
}

function readMetadata(value = ''): Metadata[] {
  return value.split(/[;,]/).flatMap((word): Metadata[] => {
    const name = word.trim();
    if (name === '') return [];
    if (name === 'modification_time' || name === 'etag') return [name];
    throw refusal(400, '$includeMetadata can be modification_time and etag');
  });
}

function wholeNumber(name: string, value: string, max: number): number {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > max) throw refusal(400, `${name} must be a whole number from 1 to ${max}`);
  return number;
}

function isTrue(name: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (!/^(?:true|false)$/i.test(value)) throw refusal(400, `${name} must be true or false`);
  return value.toLowerCase() === 'true';
}
