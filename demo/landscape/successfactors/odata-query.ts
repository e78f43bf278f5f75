import { badRequest } from './odata-error.ts';
import { allProperties, type PropertyName, propertyNamed } from './user-entity.ts';

export interface ODataQuery {
  readonly select: readonly PropertyName[];
  /** `property eq 'literal'`: the one filter this service knows. */
  readonly filter: { readonly property: PropertyName; readonly literal: string } | undefined;
  readonly top: number | undefined;
  readonly skip: number;
  /** Entities before the page a `__next` link leads to. */
  readonly offset: number;
  readonly count: boolean;
}

const known = ['$select', '$filter', '$top', '$skip', '$skiptoken', '$inlinecount', '$format'];

/** Reads the system query options. @throws ODataError 400 for an unknown option, property or value */
export function readODataQuery(query: URLSearchParams): ODataQuery {
  for (const name of query.keys()) {
    if (name.startsWith('$') && !known.includes(name)) throw badRequest(`The query option ${name} is not supported.`);
  }
  const top = query.get('$top');
  return {
    select:
      query
        .get('$select')
        ?.split(',')
        .map((name) => propertyNamed(name.trim())) ?? allProperties,
    filter: readFilter(query.get('$filter')),
    top: top === null ? undefined : whole('$top', top),
    skip: whole('$skip', query.get('$skip') ?? '0'),
    offset: readSkipToken(query.get('$skiptoken')),
    count: query.get('$inlinecount') === 'allpages',
  };
}

/** The token of a `__next` link; its inside is nobody's business but ours. */
export function skipToken(offset: number): string {
  return Buffer.from(JSON.stringify({ startRow: offset })).toString('base64url');
}

function readSkipToken(token: string | null): number {
  if (token === null) return 0;
  try {
    const { startRow } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as { startRow?: unknown };
    if (typeof startRow === 'number') return startRow;
  } catch {
    // Not a token of ours: refused below.
  }
  throw badRequest('The $skiptoken is not valid.');
}

function readFilter(text: string | null): ODataQuery['filter'] {
  if (text === null) return undefined;
  const [, property, literal] = /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$/.exec(text) ?? [];
  if (property === undefined || literal === undefined)
    throw badRequest("Only filters like property eq 'value' are supported.");
  return { property: propertyNamed(property), literal: literal.replaceAll("''", "'") };
}

function whole(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw badRequest(`The value of ${name} must be a whole number.`);
  return Number(text);
}
