import type { KeyPair } from '../config/key-store.ts';
import type { HostNames } from './check-host-name.ts';

/** Whose certificates are accepted at the other end. */
export interface ServerTrust {
  /** false accepts any certificate: TrustAll or strictSSL=false. Said loudly at start. */
  readonly verify: boolean;
  /** PEM certificates trusted in addition to the well-known roots. */
  readonly trust: readonly string[];
  readonly hostNames: HostNames;
}

/** The same, with what we show of ourselves. */
export interface ClientTls extends ServerTrust {
  /** Presented when the server asks: to a token service RFC 8705 (beside any other proof), to a target ClientCertificateAuthentication. */
  readonly clientCertificate: KeyPair | undefined;
}
