import type { KeyPair } from '../config/key-store.ts';
import type { DestinationContext } from './destination-context.ts';
import type { Properties } from './properties.ts';
import { readKeyPair } from './read-key-pair.ts';

/**
 * Reads the certificate that ClientCertificateAuthentication shows to the target itself (destination-service.md 2.5),
 * unlike `tokenService.KeyStoreLocation`, which is for the token service.
 */
export async function readClientCertificate(
  p: Properties,
  { keyStores, now }: DestinationContext,
  target: URL,
): Promise<KeyPair | undefined> {
  const names = { location: 'KeyStoreLocation', password: 'KeyStorePassword' };
  if (p.oneOf('KeyStore.Source', ['DestinationService', 'ClientProvided']) === 'ClientProvided') {
    p.problem(
      'KeyStore.Source',
      'ClientProvided is for callers who hold the key; name the key store in KeyStoreLocation',
    );
  }
  if (target.protocol !== 'https:') p.problem('URL', 'must be https: a client certificate is shown over TLS only');
  p.required(names.location, 'name the key store whose certificate the target knows');
  return await readKeyPair(p, names, keyStores, now);
}
