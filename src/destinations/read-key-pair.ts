import { expiryWarning } from '../config/certificate-expiry.ts';
import type { KeyPair, KeyStores } from '../config/key-store.ts';
import { KeyStoreError } from '../config/key-store-error.ts';
import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';

/** Names of the two properties that name a key store and open it. */
export interface KeyStoreProperties {
  readonly location: string;
  readonly password: string;
}

/**
 * Loads the key pair a property names. What is wrong is reported at the property to blame; an expired or soon expiring
 * certificate is a warning.
 * @returns undefined when the property is absent or the key store cannot be used
 */
export async function readKeyPair(
  p: Properties,
  names: KeyStoreProperties,
  keyStores: KeyStores,
  now: number,
): Promise<KeyPair | undefined> {
  const location = p.text(names.location);
  const password = p.text(names.password);
  if (location === undefined) return undefined;
  try {
    const pair = await keyStores.keyPair(location, password);
    p.dependsOn(pair.fingerprint);
    const warning = expiryWarning(pair.certificate, now);
    if (warning) p.warn(names.location, `${location}: ${warning}`, 'certificate-expires');
    return pair;
  } catch (cause) {
    if (!(cause instanceof KeyStoreError)) throw cause;
    p.problem(cause.fault === 'password' ? names.password : names.location, cause.message, 'key-store');
    return undefined;
  }
}

/**
 * The house's own key pair, for a destination that names no key store (destination-service.md 3.1).
 * @param property the one that is absent, where problems are reported
 */
export async function readDefaultTrust(
  p: Properties,
  property: string,
  { defaultTrust, now }: Pick<DestinationContext, 'defaultTrust' | 'now'>,
): Promise<KeyPair | undefined> {
  if (defaultTrust === undefined) {
    p.problem(property, 'is missing; name the key store whose key signs the assertion');
    return undefined;
  }
  try {
    const pair = await defaultTrust.active();
    p.dependsOn(pair.fingerprint);
    const warning = expiryWarning(pair.certificate, now);
    if (warning) p.warn(property, `is missing, so the default trust signs: ${warning}`, 'certificate-expires');
    return pair;
  } catch (cause) {
    if (!(cause instanceof KeyStoreError)) throw cause;
    // A folder that is read only on purpose (a container's) stays so: there are ways out.
    const cure = cause.fault === 'not-found' ? `; or ${waysOut}` : '';
    p.problem(property, `is missing, and the default trust cannot be used: ${cause.message}${cure}`, 'key-store');
    return undefined;
  }
}

/**
 * Reports a key that cannot make RSA signatures, the only ones Entra ID and SuccessFactors are known to take, and warns of
 * one that is shorter than RFC 7518 3.3 and 3.5 want: who keeps to them refuses it.
 */
export function requireRsa(p: Properties, property: string, { privateKey, location }: KeyPair): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 2048 } = {} } = privateKey;
  if (type !== 'rsa') p.problem(property, `needs an RSA key; ${location} has a key of type ${type}`);
  else if (modulusLength < 2048)
    p.warn(
      property,
      `${location}: its key has ${modulusLength} bits, and services refuse less than 2048; make another`,
    );
}

const waysOut = 'name a key store, or bring a pair that "portunus trust prepare" has made elsewhere';
