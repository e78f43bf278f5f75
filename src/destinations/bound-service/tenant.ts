import type { Principal } from '../../authorization/principal.ts';
import type { DestinationServiceBinding } from '../../config/destination-service-binding.ts';
import { AppError } from '../../errors/app-error.ts';
import { isTenantName } from '../tenant-name.ts';

/** A subscriber's subaccount; undefined wherever a tenant may stand: the provider's, where the service is bound. */
export interface Tenant {
  readonly id: string;
  readonly subdomain: string | undefined;
}

/**
 * The subscriber a user belongs to (xs-app.md 3.1 `preferLocal`), as XSUAA and IAS write it into tokens (token-flows.md C6,
 * D4). IAS and the Destination service may know one subaccount by two ids: who is of the tenant that the login's own binding
 * is of is no subscriber's, whatever the other binding calls it. Claims are of a verified login; what becomes part of an address or header is checked once more.
 * @param home the tenant that the binding of the user's login is of
 * @returns undefined for the provider's own users, and for nobody in particular
 * @throws AppError 403 when the token names a tenant that cannot be one
 */
export function tenantOf(
  principal: Principal,
  binding: DestinationServiceBinding,
  home: (provider: string) => string | undefined,
): Tenant | undefined {
  if (principal.kind !== 'user' || binding.tenantId === undefined) return undefined;
  const { zid, app_tid: appTid, zone_uuid: zone, ext_attr: attributes } = principal.claims;
  const id = [zid, appTid, zone].find((claim) => typeof claim === 'string' && claim !== '') as string | undefined;
  if (id === undefined || id === binding.tenantId || id === home(principal.provider)) return undefined;
  const { zdn } = (attributes ?? {}) as { zdn?: unknown };
  const subdomain = typeof zdn === 'string' && zdn !== '' ? zdn.toLowerCase() : undefined;
  if (!/^[\w-]{1,100}$/.test(id) || (subdomain !== undefined && !isTenantName(subdomain)))
    throw new AppError({
      code: 'ERR_FORBIDDEN',
      status: 403,
      detail: "The user's token names a tenant that cannot be one.",
      hint: 'Look at its claims zid and ext_attr.zdn.',
    });
  return { id, subdomain };
}
