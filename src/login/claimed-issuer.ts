import { decodeJwt } from 'jose/jwt/decode';

/**
 * The issuer that a token names, unverified: enough to tell whose keys to ask for, and to refuse at once a token of
 * somebody else while a provider is down. Undefined: it is no JWT.
 */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    return undefined;
  }
}

/** The tenant that a token of Entra ID names, unverified; undefined: it is no JWT, or names none. */
export function claimedTenant(token: string): string | undefined {
  try {
    const { tid } = decodeJwt(token);
    return typeof tid === 'string' ? tid : undefined;
  } catch {
    return undefined;
  }
}
