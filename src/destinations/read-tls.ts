import { X509Certificate } from 'node:crypto';
import { expiryWarning } from '../config/certificate-expiry.ts';
import { KeyStoreError } from '../config/key-store-error.ts';
import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import type { ServerTrust } from './tls.ts';

/** What a destination says of certificates: for its target, and for the token service that serves it. */
export interface DestinationTls {
  readonly target: ServerTrust;
  /** strictSSL is the approuter's word for the target alone; TrustAll means every server of the destination. */
  readonly tokenService: ServerTrust;
}

type TrustContext = Pick<DestinationContext, 'keyStores' | 'now'>;

/** Reads TrustAll, strictSSL, HostnameVerifier and TrustStoreLocation; trust is added to the well-known roots (section 2.1). */
export async function readTls(p: Properties, context: TrustContext): Promise<DestinationTls> {
  const trustAll = p.flag('TrustAll', false);
  const strictSsl = p.flag('strictSSL', true);
  if (trustAll) p.warn('TrustAll', 'any certificate is accepted, of anybody; never in production');
  if (!strictSsl) p.warn('strictSSL', 'any certificate of the target is accepted; never in production');
  const trust = await readTrust(p, context);
  const strict = p.oneOf('HostnameVerifier', ['Strict', 'BrowserCompatible']) === 'Strict';
  const shared = { trust, hostNames: strict ? 'strict' : 'browser-compatible' } as const;
  return { target: { verify: strictSsl && !trustAll, ...shared }, tokenService: { verify: !trustAll, ...shared } };
}

async function readTrust(p: Properties, { keyStores, now }: TrustContext): Promise<readonly string[]> {
  const location = p.text('TrustStoreLocation');
  const password = p.text('TrustStorePassword');
  if (location === undefined) return [];
  try {
    const trust = await keyStores.trust(location, password);
    for (const certificate of trust) {
      p.dependsOn(certificate);
      const warning = expiryWarning(new X509Certificate(certificate), now);
      if (warning) p.warn('TrustStoreLocation', `${location}: ${warning}`, 'certificate-expires');
    }
    return trust;
  } catch (cause) {
    if (!(cause instanceof KeyStoreError)) throw cause;
    p.problem(cause.fault === 'password' ? 'TrustStorePassword' : 'TrustStoreLocation', cause.message, 'key-store');
    return [];
  }
}
