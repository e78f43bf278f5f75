import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { TargetTls } from '../destinations/tls.ts';

/** Options of TLS connections to an upstream. The context is made once: parsing all roots takes milliseconds. */
export function upstreamTls({ verify, trust }: TargetTls): {
  readonly rejectUnauthorized: boolean;
  readonly secureContext?: SecureContext;
} {
  if (trust.length === 0) return { rejectUnauthorized: verify };
  const secureContext = createSecureContext({ ca: [...getCACertificates('default'), ...trust] });
  return { rejectUnauthorized: verify, secureContext };
}
