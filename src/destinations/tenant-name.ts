/**
 * Whether a text can be a tenant's subdomain: one label of a host name (RFC 1123 2.1). It becomes part of an address that
 * secrets are sent to, and may come out of a token or a header: nothing else must fit through.
 */
export function isTenantName(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(text);
}
