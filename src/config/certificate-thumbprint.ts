/** A certificate's digest in the forms its users want. */
export interface Thumbprint {
  /** The raw digest: 20 bytes (SHA-1) or 32 (SHA-256). */
  readonly bytes: Uint8Array;
  /** Upper case, no colons: `kid` of a client assertion. */
  readonly hex: string;
  /** Of the bytes, without padding: `x5t` and `x5t#S256` (RFC 7515 4.1.7, 4.1.8). */
  readonly base64url: string;
}

/**
 * Reads a digest written in hex, with or without colons, as OpenSSL and Node print it. The base64url form is made of
 * the bytes, never of the hex text: that classic mix-up is refused with AADSTS700027 (token-flows.md A5, vector G1).
 * @throws RangeError when the text is not 20 or 32 bytes in hex.
 */
export function thumbprint(hexText: string): Thumbprint {
  const hex = hexText.replaceAll(':', '').toUpperCase();
  if (!/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(hex)) {
    throw new RangeError('a thumbprint is 20 (SHA-1) or 32 (SHA-256) bytes in hex');
  }
  const bytes = Buffer.from(hex, 'hex');
  return Object.freeze({ bytes, hex, base64url: bytes.toString('base64url') });
}
