import { claimedTenant } from './claimed-issuer.ts';

const placeholder = '{tenantid}';
const tenantName = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * What may stand in `iss` of a token, by the provider's name for itself in its metadata. Endpoints that all tenants of
 * Entra ID share have a placeholder there, for which the token's own tenant stands; and a tenant has another name in the
 * tokens of version 1.0, which are signed with the same keys (token-flows.md A1, A12).
 * @param token unverified: who compares verifies it, and so the tenant that it names
 */
export function issuersOf(issuer: string, token: string): string[] {
  const tenant = claimedTenant(token);
  const shared = isShared(issuer);
  if (shared && (tenant === undefined || !tenantName.test(tenant))) return [];
  const own = shared ? issuer.replace(placeholder, tenant ?? '') : issuer;
  const named = /^https?:\/\/[^/]+\/([^/]+)\/v2\.0$/.exec(own)?.[1];
  return named !== undefined && tenantName.test(named) ? [own, `https://sts.windows.net/${named}/`] : [own];
}

/** Whether all tenants share a provider's endpoints. */
export function isShared(issuer: string): boolean {
  return issuer.includes(placeholder);
}
