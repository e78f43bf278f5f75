import { hkdfSync, randomBytes } from 'node:crypto';

/**
 * Keys of one purpose each, derived from one secret, so that a value made for one is worthless for another. Each is a
 * ring: the first seals and signs, all open, so that a secret can be changed without logging anybody out.
 */
export interface Keys {
  /** Sign the session cookie. */
  readonly sessionCookie: readonly string[];
  /** 32 bytes each; seal pending logins (AES-256-GCM). */
  readonly pendingLogin: readonly [Buffer, ...Buffer[]];
  /** 32 bytes each; seal what hands a session from one window to another. */
  readonly handOver: readonly [Buffer, ...Buffer[]];
  /** 32 bytes each; seal backends' cookies that a caller without session keeps. */
  readonly callerCookies: readonly [Buffer, ...Buffer[]];
  /** 32 bytes each; seal sessions at rest. */
  readonly sessionData: readonly [Buffer, ...Buffer[]];
}

/**
 * @param secrets SESSION_SECRET, then earlier ones; none makes keys that last as long as the process, and logins end with
 * it (RFC 5869; the salt is fixed because every instance must come to the same keys)
 */
export function deriveKeys(secrets: readonly string[]): Keys {
  const materials: readonly (string | Buffer)[] = secrets.length > 0 ? secrets : [randomBytes(32)];
  const derive = (purpose: string) => {
    const key = (material: string | Buffer) => Buffer.from(hkdfSync('sha256', material, 'portunus', purpose, 32));
    const [first = randomBytes(32), ...others] = materials;
    return [key(first), ...others.map(key)] as const;
  };
  return Object.freeze({
    sessionCookie: derive('session cookie v1').map((key) => key.toString('base64url')),
    pendingLogin: derive('pending login v1'),
    handOver: derive('session hand-over v1'),
    callerCookies: derive('caller cookies v1'),
    sessionData: derive('session data v1'),
  });
}
