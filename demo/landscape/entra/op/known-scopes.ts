import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Directory } from '../directory.ts';
import { EntraError } from '../errors.ts';
import { readScope } from '../scope.ts';
import { offlineAccess } from './offline-access.ts';

/** Every scope the OP has to let through: those of OpenID Connect, and the permissions of the tenant's resources. */
export function knownScopes({ resources }: Directory): string[] {
  const qualified = resources.all.flatMap(({ identifiers, permissions }) =>
    identifiers.flatMap((identifier) => [...permissions, '.default'].map((name) => `${identifier}/${name}`)),
  );
  return ['openid', 'profile', 'email', offlineAccess, ...resources.graph.permissions, ...qualified];
}

/**
 * Refuses a scope the tenant does not know, by redirect. Several resources are fine here: a code can be redeemed for one
 * of them (token-flows.md A2). The OP itself would drop unknown scopes in silence.
 */
export function refuseUnknownScopes(context: KoaContextWithOIDC, directory: Directory): void {
  const asked = context.query['scope'];
  for (const scope of typeof asked === 'string' ? asked.split(' ') : []) {
    try {
      if (scope !== offlineAccess) readScope(scope, directory.resources);
    } catch (problem) {
      if (!(problem instanceof EntraError)) throw problem;
      throw new errors.InvalidScope(`AADSTS${problem.code}: ${problem.message}`, scope);
    }
  }
}
