import { decodeJwt, type JWTPayload } from 'jose';
import type { OidcProvider } from '../config/identity-provider.ts';
import { issuersOf } from './issuers-of.ts';

type Named = Pick<OidcProvider, 'kind' | 'issuer' | 'domains'>;

/**
 * What may stand in `iss` of a token of a provider. Besides its name for itself in its metadata: the same without the scheme,
 * as IAS tenants of old write it (token-flows.md C1); for IAS, each name that is trusted.
 * @param issuer as the metadata say
 * @param token unverified: who compares verifies it
 */
export function namesIn(provider: Named, issuer: string, token: string): string[] {
  if (provider.kind !== 'ias') return issuersOf(issuer, token).flatMap((name) => [name, withoutScheme(name)]);
  const claims = readClaims(token);
  const named = issuerOf('ias', claims);
  return isTrusted(provider, named) || isSpelling(issuer, named) ? [claims.iss ?? ''].filter(Boolean) : [];
}

/**
 * The issuer that a token names, unverified. IAS behind a domain of its customer puts that one into `iss`, and the tenant that
 * it is into `ias_iss` (token-flows.md C8).
 */
export function issuerOf(kind: OidcProvider['kind'], claims: JWTPayload): string | undefined {
  const named: unknown = kind === 'ias' && claims['ias_iss'] !== undefined ? claims['ias_iss'] : claims.iss;
  return typeof named === 'string' && named !== '' ? named : undefined;
}

/** The claims of a token, unverified; none when it is no JWT. */
export function readClaims(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}

/** Whether a name is that of an issuer, its scheme left out perhaps. */
export function isSpelling(issuer: string, named: string | undefined): boolean {
  return named === issuer || named === withoutScheme(issuer);
}

/** As `isSpelling`, for the address a provider is configured with, which a slash may end. */
export function isOwn({ issuer: { href } }: Pick<Named, 'issuer'>, named: string | undefined): boolean {
  return isSpelling(href, named) || (href.endsWith('/') && isSpelling(href.slice(0, -1), named));
}

/**
 * Whether a name is one that a tenant of IAS may have: its own, a trusted domain of the binding, or exactly one label in
 * front of such a domain; https is implied, and nothing may stand behind the host (token-flows.md C9, H67).
 */
export function isTrusted(provider: Named, named: string | undefined): boolean {
  if (isOwn(provider, named)) return true;
  if (provider.kind !== 'ias' || named === undefined) return false;
  const host = /^(?:https:\/\/)?([a-z\d-]+(?:\.[a-z\d-]+)+)$/i.exec(named)?.[1]?.toLowerCase();
  const parent = host?.replace(/^[a-z\d-]{1,63}\./, '');
  return (provider.domains ?? []).some((domain) => {
    const trusted = domain.toLowerCase();
    return host === trusted || parent === trusted;
  });
}

/** A token of IAS that names another issuer than the binding does must say of which tenant it is (token-flows.md C9). */
export function lacksTenant(provider: Named, claims: JWTPayload): boolean {
  if (provider.kind !== 'ias' || isOwn(provider, issuerOf('ias', claims))) return false;
  return ![claims['app_tid'], claims['zone_uuid']].some((tenant) => typeof tenant === 'string' && tenant !== '');
}

function withoutScheme(issuer: string): string {
  return issuer.replace(/^https?:\/\//, '');
}
