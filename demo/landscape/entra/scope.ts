import { EntraError } from './errors.ts';
import type { Resource, Resources } from './resources.ts';

const openIdScopes: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/** A scope string taken apart: one resource, its permissions, and the OpenID scopes beside it. */
export interface RequestedScope {
  readonly resource: Resource;
  /** The identifier the client used for the resource: it becomes `aud` of a v1 token. */
  readonly identifier: string;
  /** Names without resource; `.default` asks for all that was granted. */
  readonly permissions: readonly string[];
  readonly openId: readonly string[];
}

/**
 * Reads the scope of a delegated request. A bare permission means Graph, and so do OpenID scopes alone.
 * @throws EntraError 500011 unknown resource, 70011 unknown permission, 700022 two resources (token-flows.md A9)
 */
export function readScope(scope: string, resources: Resources): RequestedScope {
  const { openId, permissions } = sort(scope, resources);
  if (permissions.some(({ resource }) => resource !== permissions[0]?.resource)) throw new EntraError(700022);
  return about(permissions, openId, resources);
}

/** The same where several resources are allowed: a token is for the first (token-flows.md A3, refresh_token). */
export function readFirstScope(scope: string, resources: Resources): RequestedScope {
  const { openId, permissions } = sort(scope, resources);
  const first = permissions.filter(({ resource }) => resource === permissions[0]?.resource);
  return about(first, openId, resources);
}

/**
 * Reads the scope of client credentials: exactly one `<resource>/.default`.
 * @throws EntraError 1002012, 700022, 500011 (token-flows.md A3, H18-H20)
 */
export function readDefaultScope(scope: string, resources: Resources): Omit<RequestedScope, 'openId'> {
  const words = scope.split(' ').filter((word) => word !== '');
  if (!words.every((word) => word.endsWith('/.default') && word !== '/.default')) {
    throw new EntraError(1002012, { detail: `Scope: ${scope}` });
  }
  const permissions = words.map((word) => readPermission(word, resources));
  const [first] = permissions;
  if (!first || permissions.length > 1) throw new EntraError(700022);
  return { resource: first.resource, identifier: first.identifier, permissions: ['.default'] };
}

/** The usual identifier of a resource. */
export function resourceName(resource: Resource): string {
  return resource.identifiers[0] ?? resource.id;
}

interface Permission {
  readonly resource: Resource;
  readonly identifier: string;
  readonly name: string;
}

function sort(scope: string, resources: Resources) {
  const words = scope.split(' ').filter((word) => word !== '');
  const permissions = words.filter((word) => !openIdScopes.includes(word));
  return {
    openId: words.filter((word) => openIdScopes.includes(word)),
    permissions: permissions.map((word) => readPermission(word, resources)),
  };
}

function about(permissions: readonly Permission[], openId: readonly string[], { graph }: Resources): RequestedScope {
  const { resource, identifier } = permissions[0] ?? { resource: graph, identifier: resourceName(graph) };
  return { resource, identifier, permissions: permissions.map(({ name }) => name), openId };
}

function readPermission(word: string, { graph, all }: Resources): Permission {
  const slash = word.lastIndexOf('/');
  const identifier = slash < 0 ? resourceName(graph) : word.slice(0, slash);
  const name = word.slice(slash + 1);
  const resource = all.find((candidate) => candidate.identifiers.includes(identifier));
  if (!resource) throw new EntraError(500011, { detail: `Name: ${identifier}` });
  const exists = name === '.default' || resource.permissions.includes(name);
  if (!exists) throw new EntraError(70011, { detail: `Scope: ${word}` });
  return { resource, identifier, name };
}
