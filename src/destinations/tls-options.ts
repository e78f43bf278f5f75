import { createSecureContext, type SecureContext } from 'node:tls';
import { checkHostNameLoosely } from './check-host-name.ts';
import type { ClientTls } from './tls.ts';

export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity?: typeof checkHostNameLoosely;
  readonly secureContext?: SecureContext;
}

/**
 * Options of TLS connections, made once for all of them: node would make a context anew for each connection, and nothing else
 * is done meanwhile. The option `ca` stands in place of the well-known roots, so all of them would have to be given with it
 * and be parsed again, which takes 30 ms and more than a megabyte (measured); a certificate that is added afterwards, as node
 * itself adds those of `ca`, stands beside them.
 */
export function tlsOptions({ verify, trust, hostNames, clientCertificate }: ClientTls): TlsOptions {
  const checks = {
    rejectUnauthorized: verify,
    ...(hostNames === 'strict' ? {} : { checkServerIdentity: checkHostNameLoosely }),
  };
  if (trust.length === 0 && clientCertificate === undefined) return checks;
  const { key, certificate: cert } = clientCertificate?.pem ?? {};
  const secureContext = createSecureContext(key === undefined ? {} : { key, cert });
  for (const certificate of trust) secureContext.context.addCACert(certificate);
  return { ...checks, secureContext };
}
