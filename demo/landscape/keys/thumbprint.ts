import { createHash, X509Certificate } from 'node:crypto';

/** The ways a certificate is named in JOSE headers and in `cnf` (token-flows.md A5, F8, vectors G1-G5). */
export interface Thumbprints {
  /** Upper-case hex of the SHA-1 digest, as portals show it and as `kid` often is. */
  readonly sha1Hex: string;
  /** base64url of the 20 SHA-1 bytes: `x5t`. */
  readonly x5t: string;
  /** base64url of the 32 SHA-256 bytes: `x5t#S256`. */
  readonly x5tS256: string;
}

/** Takes a certificate as PEM or DER. */
export function thumbprintsOf(certificate: string | Buffer): Thumbprints {
  const der = typeof certificate === 'string' ? new X509Certificate(certificate).raw : certificate;
  const digest = (algorithm: string) => createHash(algorithm).update(der).digest();
  return Object.freeze({
    sha1Hex: digest('sha1').toString('hex').toUpperCase(),
    x5t: digest('sha1').toString('base64url'),
    x5tS256: digest('sha256').toString('base64url'),
  });
}
