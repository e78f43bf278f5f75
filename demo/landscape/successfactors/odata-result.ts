import type { Company } from './company.ts';
import type { Employee } from './employees.ts';
import { badRequest, entityNotFound, keyNotFound } from './odata-error.ts';
import { type ODataQuery, readODataQuery, skipToken } from './odata-query.ts';
import { type PropertyName, propertyNamed, propertyValue } from './user-entity.ts';

/** What a resource path leads to, before it is written as JSON or Atom. */
export type ODataResult =
  | { readonly kind: 'service' }
  | {
      readonly kind: 'list';
      readonly employees: readonly Employee[];
      readonly select: readonly PropertyName[];
      readonly count: number | undefined;
      readonly next: string | undefined;
    }
  | { readonly kind: 'single'; readonly employee: Employee; readonly select: readonly PropertyName[] }
  | { readonly kind: 'property'; readonly employee: Employee; readonly name: PropertyName };

/**
 * Resolves a path below `/odata/v2`: the service, `User`, `User('key')`, or a property or the manager of one.
 * @throws ODataError 400 unknown entity or property, 404 unknown key (token-flows.md E6, H65)
 */
export function resolve(path: string, search: URLSearchParams, company: Company): ODataResult {
  const query = readODataQuery(search);
  const [set = '', rest, ...deeper] = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  if (set === '') return { kind: 'service' };
  const [, name = set, key] = /^(\w+)(?:\('((?:[^']|'')*)'\))?$/.exec(set) ?? [];
  if (name !== 'User' || deeper.length > 0) throw entityNotFound(name);
  if (key === undefined) {
    if (rest !== undefined) throw entityNotFound(`${name}/${rest}`);
    return list(query, search, company);
  }
  const employee = findByKey(company, key.replaceAll("''", "'"));
  if (rest === undefined) return { kind: 'single', employee, select: query.select };
  if (rest !== 'manager') return { kind: 'property', employee, name: propertyNamed(rest) };
  return { kind: 'single', employee: findByKey(company, employee.managerId ?? ''), select: query.select };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('The path is not properly encoded.');
  }
}

function findByKey({ employees }: Company, key: string): Employee {
  const employee = employees.find(({ userId }) => userId === key);
  if (!employee) throw keyNotFound(key);
  return employee;
}

/** One page, and the link to the next one while there is more (token-flows.md E6). */
function list(query: ODataQuery, search: URLSearchParams, { employees, origin, strictness }: Company): ODataResult {
  const { filter, top, skip, offset, select, count } = query;
  const matching = employees.filter(
    (employee) => !filter || propertyValue(employee, filter.property) === filter.literal,
  );
  const wanted = matching.slice(skip, top === undefined ? undefined : skip + top);
  const end = offset + strictness.pageSize;
  const next = new URLSearchParams(search);
  next.set('$skiptoken', skipToken(end));
  return {
    kind: 'list',
    employees: wanted.slice(offset, end),
    select,
    count: count ? matching.length : undefined,
    next: end < wanted.length ? `${origin}/odata/v2/User?${next}` : undefined,
  };
}
