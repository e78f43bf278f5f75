import { hkdfSync, randomBytes } from 'node:crypto';

/** Keys of one purpose each, derived from one secret, so that a value made for one is worthless for another. */
export interface Keys {
  /** Signs the session cookie. */
  readonly sessionCookie: string;
  /** 32 bytes; seals pending logins (AES-256-GCM). */
  readonly pendingLogin: Buffer;
}

/**
 * @param secret SESSION_SECRET; undefined makes keys that last as long as the process, and logins end with it
 * (RFC 5869; the salt is fixed because every instance must come to the same keys)
 */
export function deriveKeys(secret: string | undefined): Keys {
  const material = secret ?? randomBytes(32);
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', material, 'portunus', purpose, 32));
  return Object.freeze({
    sessionCookie: derive('session cookie v1').toString('base64url'),
    pendingLogin: derive('pending login v1'),
  });
}
