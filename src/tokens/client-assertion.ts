import { constants, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { ClientAssertionProfile } from '../destinations/token-service.ts';

const signAsync = promisify(sign) as (algorithm: string, data: Buffer, key: unknown) => Promise<Buffer>;

/** RFC 7518 3.3 and 3.5: the salt is as long as the digest. */
const padding = {
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  RS256: { padding: constants.RSA_PKCS1_PADDING },
};

/**
 * Mints a client assertion (RFC 7523 2.2), for one token request only: nobody has to renew it by hand, and none can be
 * found lying about. Header and claims as Entra ID documents them (token-flows.md A5).
 * @param now milliseconds since the epoch
 * @returns a compact JWS
 */
export async function mintClientAssertion(
  clientId: string,
  { keyPair, algorithm, audience, lifetimeInSeconds }: ClientAssertionProfile,
  now: number,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: randomUUID(),
    nbf: issuedAt,
    iat: issuedAt,
    exp: issuedAt + lifetimeInSeconds,
  };
  const input = `${encode(assertionHeader(algorithm, keyPair.thumbprints))}.${encode(claims)}`;
  const key = { key: keyPair.privateKey, ...padding[algorithm] };
  return `${input}.${(await signAsync('sha256', Buffer.from(input), key)).toString('base64url')}`;
}

/** `x5t#S256` goes with PS256, the older `x5t` with RS256: of the digest's bytes, unpadded (vectors G1 to G3). */
export function assertionHeader(
  algorithm: 'PS256' | 'RS256',
  { sha1, sha256 }: ClientAssertionProfile['keyPair']['thumbprints'],
): Readonly<Record<string, string>> {
  const digest = algorithm === 'PS256' ? { 'x5t#S256': sha256.base64url } : { x5t: sha1.base64url };
  return { alg: algorithm, typ: 'JWT', kid: sha1.hex, ...digest };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
