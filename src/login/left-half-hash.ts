import { createHash } from 'node:crypto';

/**
 * `at_hash` and `c_hash` (OpenID Connect Core 3.1.3.6, vectors G11): the left half of the digest that belongs to the
 * signature's algorithm, base64url.
 * @param algorithm `alg` of the id_token
 */
export function leftHalfHash(algorithm: string, text: string): string {
  const bits = /\d{3}$/.exec(algorithm)?.[0] ?? '512'; // EdDSA digests with SHA-512
  const digest = createHash(`sha${bits}`).update(text).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
