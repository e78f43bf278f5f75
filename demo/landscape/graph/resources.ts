import type { GraphCaller } from './authenticate.ts';
import type { GraphRequest } from './exchange.ts';
import { badRequest, GraphError, insufficientPrivileges, notFound } from './graph-error.ts';
import { readQueryOptions } from './query-options.ts';
import type { GraphTenant } from './tenant.ts';
import { graphUser, select } from './user-resource.ts';

/** A resource of the API: who may read it, and what it answers. */
interface GraphResource {
  /** Path segments are case-insensitive, ids are not (token-flows.md B1). */
  readonly path: RegExp;
  /** One of these permissions is needed; empty: any valid token will do. */
  readonly delegated: readonly string[];
  readonly application: readonly string[] | 'refused';
  readonly read: (request: GraphRequest, caller: GraphCaller, tenant: GraphTenant) => unknown;
}

const readAny = ['User.Read', 'User.ReadBasic.All', 'User.Read.All'];
const readOthers = ['User.ReadBasic.All', 'User.Read.All'];

const resources: readonly GraphResource[] = [
  { path: /^\/?$/, delegated: [], application: [], read: readServiceDocument },
  { path: /^\/me\/?$/i, delegated: readAny, application: 'refused', read: readMe },
  { path: /^\/users\/?$/i, delegated: readOthers, application: ['User.Read.All'], read: readUsers },
  { path: /^\/users\/[^/]+\/?$/i, delegated: readAny, application: ['User.Read.All'], read: readUser },
];

/**
 * Finds what a path names, checks the caller's permissions, and gives the JSON to answer.
 * @throws GraphError 400 BadRequest, 403 Authorization_RequestDenied, 404, 405 (token-flows.md B3)
 */
export function readResource(request: GraphRequest, caller: GraphCaller, tenant: GraphTenant): unknown {
  const resource = resources.find(({ path }) => path.test(request.path));
  if (!resource) throw badRequest(`Resource not found for the segment '${request.path.split('/')[1] ?? ''}'.`);
  if (request.method !== 'GET') {
    throw new GraphError(405, 'BadRequest', 'Specified HTTP method is not allowed for the request target.', {
      Allow: 'GET',
    });
  }
  const needed = resource[caller.kind];
  if (needed === 'refused') throw badRequest('/me request is only valid with delegated authentication flow.');
  if (needed.length > 0 && !needed.some((permission) => caller.permissions.includes(permission)))
    throw insufficientPrivileges();
  return resource.read(request, caller, tenant);
}

function readServiceDocument(_request: GraphRequest, _caller: GraphCaller, { root }: GraphTenant) {
  const value = [
    { name: 'users', kind: 'EntitySet', url: 'users' },
    { name: 'me', kind: 'Singleton', url: 'me' },
  ];
  return { '@odata.context': `${root}/$metadata`, value };
}

function readMe(request: GraphRequest, caller: GraphCaller, tenant: GraphTenant) {
  return readOne(request, tenant, caller.kind === 'delegated' ? caller.oid : '');
}

/** `User.Read` lets people read themselves; reading others takes more. */
function readUser(request: GraphRequest, caller: GraphCaller, tenant: GraphTenant) {
  const key = decode(request.path.split('/')[2] ?? '');
  const user = tenant.users.find(({ oid, email }) => oid === key || email.toLowerCase() === key.toLowerCase());
  const isSelf = caller.kind === 'delegated' && user?.oid === caller.oid;
  if (!isSelf && !readOthers.some((permission) => caller.permissions.includes(permission)))
    throw insufficientPrivileges();
  return readOne(request, tenant, user?.oid ?? key);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('The path is not properly encoded.');
  }
}

function readOne({ query }: GraphRequest, { root, users }: GraphTenant, oid: string) {
  const options = readQueryOptions(query);
  const user = users.find((candidate) => candidate.oid === oid);
  if (!user) throw notFound(oid);
  const fields = options.select ? `(${options.select.join(',')})` : '';
  return { '@odata.context': `${root}/$metadata#users${fields}/$entity`, ...select(graphUser(user), options.select) };
}

function readUsers({ query }: GraphRequest, _caller: GraphCaller, { root, users }: GraphTenant) {
  const { select: names, top, skip } = readQueryOptions(query);
  const fields = names ? `(${names.join(',')})` : '';
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(skip + top));
  return {
    '@odata.context': `${root}/$metadata#users${fields}`,
    ...(skip + top < users.length ? { '@odata.nextLink': `${root}/users?${next}` } : {}),
    value: users.slice(skip, skip + top).map((user) => select(graphUser(user), names)),
  };
}
