import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { checkHostNameLoosely } from '../destinations/check-host-name.ts';
import type { ClientTls } from '../destinations/tls.ts';

/** Options of TLS connections to an upstream. The context is made once: parsing all roots takes milliseconds. */
export function upstreamTls({ verify, trust, hostNames, clientCertificate }: ClientTls): {
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity?: typeof checkHostNameLoosely;
  readonly secureContext?: SecureContext;
} {
  const checks = {
    rejectUnauthorized: verify,
    ...(hostNames === 'strict' ? {} : { checkServerIdentity: checkHostNameLoosely }),
  };
  if (trust.length === 0 && clientCertificate === undefined) return checks;
  const secureContext = createSecureContext({
    ca: [...getCACertificates('default'), ...trust],
    ...(clientCertificate ? { key: clientCertificate.pem.key, cert: clientCertificate.pem.certificate } : {}),
  });
  return { ...checks, secureContext };
}
