import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import { IasError } from './ias-error.ts';

/** The provider the tenant trusts for its people: the Entra-like directory. */
export interface CorporateIdentityProvider {
  readonly issuer: string;
  /** Under which IAS is registered there; an assertion must be meant for it (token-flows.md C4). */
  readonly clientId: string;
}

/**
 * Judges the tokens of the corporate identity provider with the keys its discovery document leads to.
 * @returns the claims of a genuine ID token; rejects with IasError invalid_grant for anything else (H45)
 */
export function corporateTokenReader(provider: CorporateIdentityProvider, iasIssuer: string, clock: Clock) {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return async (assertion: string): Promise<JWTPayload> => {
    try {
      keys ??= discoverKeys(provider.issuer);
      const { payload } = await jwtVerify(assertion, await keys, {
        issuer: provider.issuer,
        audience: [provider.clientId, iasIssuer],
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(clock.now()),
      });
      return payload;
    } catch {
      throw new IasError('invalid_grant', 'The assertion is not valid.');
    }
  };
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(5000),
  });
  const { jwks_uri: uri } = (await response.json()) as { jwks_uri: string };
  return createRemoteJWKSet(new URL(uri), { timeoutDuration: 5000 });
}
