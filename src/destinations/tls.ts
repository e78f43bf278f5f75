import type { KeyPair } from '../config/key-store.ts';

/** Whose certificates are accepted at the other end. */
export interface TargetTls {
  /** false accepts any certificate: TrustAll or strictSSL=false. Said loudly at start. */
  readonly verify: boolean;
  /** PEM certificates trusted in addition to the well-known roots. */
  readonly trust: readonly string[];
}

/** The same, with what we show of ourselves. */
export interface ClientTls extends TargetTls {
  /** Presented when the server asks (RFC 8705). Goes with any client authentication: both may be set. */
  readonly clientCertificate: KeyPair | undefined;
}
