import type { User } from '../authorization/principal.ts';
import type { Destination } from '../destinations/destination.ts';
import { isTenantName } from '../destinations/tenant-name.ts';
import type { Tenancy, TokenService } from '../destinations/token-service.ts';
import { AppError } from '../errors/app-error.ts';
import type { FlowInput } from './flow-input.ts';

/** Addresses kept for each destination at most; connections live as long as their address is kept. */
const capacity = 1_000;

const known = new WeakMap<Destination, Map<string, Destination>>();

/**
 * The destination with the token service of the tenant that is asked for (destination-service.md 2.4): the one the user's
 * token is of, or for a client the one the caller names (`X-tenant`); else the one configured.
 * @throws AppError ERR_CREDENTIAL (502) when the tenant is unknown
 */
export function atTenant<D extends Destination>(destination: D, user: User | undefined, input: FlowInput): D {
  const tenancy = 'tokenService' in destination ? destination.tokenService.tenancy : undefined;
  if (tenancy === undefined) {
    if (input.tenant !== undefined)
      throw refusal(
        destination,
        'its token service is of one tenant',
        'Send no X-tenant, or set tokenServiceURLType to Common.',
      );
    return destination;
  }
  const tenant = (user === undefined ? input.tenant : subdomainOf(user)) ?? tenancy.configured;
  if (tenant === undefined) throw unknown(destination, user);
  if (!isTenantName(tenant))
    throw refusal(destination, 'its tenant is no subdomain', 'Letters, digits and "-" make one.');
  return located(destination, tenancy, tenant.toLowerCase()) as D;
}

/** As XSUAA writes it into its tokens, else as it stands in their issuer (token-flows.md D4; destination-service.md 6.2). */
function subdomainOf({ claims }: User): string | undefined {
  const { ext_attr: attributes, zdn } = claims as { ext_attr?: { zdn?: unknown } | null; zdn?: unknown };
  const named = [attributes?.zdn, zdn].find((value): value is string => typeof value === 'string' && value !== '');
  return named ?? /^https:\/\/([^./:@]+)\.authentication\.[^/@]+\/oauth\/token$/.exec(String(claims['iss']))?.[1];
}

function located(destination: Destination, tenancy: Tenancy, tenant: string): Destination {
  let byTenant = known.get(destination);
  if (byTenant === undefined) {
    byTenant = new Map();
    known.set(destination, byTenant);
  }
  let found = byTenant.get(tenant);
  if (found === undefined && 'tokenService' in destination) {
    const { tokenService } = destination;
    const endpoint = tokenService.endpoint.replaceAll('{tenant}', tenant);
    const url = new URL(tenancy.template.replaceAll('{tenant}', tenant));
    const moved = (text: string | undefined) => (text === tokenService.endpoint ? endpoint : text);
    found = Object.freeze({
      ...destination,
      tokenService: withAddress(tokenService, url, endpoint),
      ...('saml' in destination && destination.saml
        ? { saml: { ...destination.saml, recipient: moved(destination.saml.recipient) } }
        : {}),
    }) as Destination;
    byTenant.set(tenant, found);
    const [oldest] = byTenant.keys();
    if (byTenant.size > capacity && oldest !== undefined) byTenant.delete(oldest);
  }
  return found ?? destination;
}

/** The endpoint is also the audience of client assertions, unless that is configured (token-flows.md A5). */
function withAddress(service: TokenService, url: URL, endpoint: string): TokenService {
  const { clientAuthentication: proof } = service;
  const clientAuthentication =
    proof.method === 'private_key_jwt' && proof.assertion.audience === service.endpoint
      ? { ...proof, assertion: { ...proof.assertion, audience: endpoint } }
      : proof;
  return Object.freeze({ ...service, url, endpoint, clientAuthentication, tenancy: undefined });
}

function unknown(destination: Destination, user: User | undefined): AppError {
  const why =
    user === undefined
      ? 'the call is for no tenant in particular'
      : "the user's token names no tenant (claim ext_attr.zdn)";
  const cure =
    'Set tokenServiceURL.tenant, or give the address of one tenant and set tokenServiceURLType to Dedicated.';
  return refusal(destination, `its token service has an address for each tenant, and ${why}`, cure);
}

function refusal({ name }: Destination, why: string, hint: string): AppError {
  const detail = `Destination ${name} cannot be given a token: ${why}.`;
  return new AppError({ code: 'ERR_CREDENTIAL', status: 502, detail, hint, members: { destination: name } });
}
