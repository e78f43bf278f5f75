import type { KeyStores } from '../config/key-store.ts';
import { KeyStoreError } from '../config/key-store-error.ts';
import type { Properties } from './properties.ts';
import type { TargetTls } from './tls.ts';

/** What a destination says of certificates: for its target, and for the token service that serves it. */
export interface DestinationTls {
  readonly target: TargetTls;
  /** strictSSL is the approuter's word for the target alone; TrustAll means every server of the destination. */
  readonly tokenService: TargetTls;
}

/** Reads TrustAll, strictSSL and TrustStoreLocation; trust is added to the well-known roots (section 2.1). */
export async function readTls(p: Properties, keyStores: KeyStores): Promise<DestinationTls> {
  const trustAll = p.flag('TrustAll', false);
  const strictSsl = p.flag('strictSSL', true);
  p.text('TrustStorePassword');
  if (trustAll) p.warn('TrustAll', 'any certificate is accepted, of anybody; never in production');
  if (!strictSsl) p.warn('strictSSL', 'any certificate of the target is accepted; never in production');
  const trust = await readTrust(p, keyStores);
  return { target: { verify: strictSsl && !trustAll, trust }, tokenService: { verify: !trustAll, trust } };
}

async function readTrust(p: Properties, keyStores: KeyStores): Promise<readonly string[]> {
  const location = p.text('TrustStoreLocation');
  if (location === undefined) return [];
  try {
    const trust = await keyStores.trust(location);
    for (const certificate of trust) p.dependsOn(certificate);
    return trust;
  } catch (cause) {
    if (!(cause instanceof KeyStoreError)) throw cause;
    p.problem('TrustStoreLocation', cause.message);
    return [];
  }
}
