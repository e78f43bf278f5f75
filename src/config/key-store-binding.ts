import { KeyStoreError } from './key-store-error.ts';
import type { KeyPair } from './key-store-pair.ts';
import { keyPairFromPem } from './key-store-pem.ts';

/**
 * Reads key and certificate of a service key or binding as the platform prints it (JSON with `certificate` and `key`, on
 * top or under `credentials`): IAS X509_GENERATED, XSUAA x509 (token-flows.md C11, D6).
 * @throws KeyStoreError
 */
export function keyPairFromBinding(location: string, text: string, password: string | undefined): KeyPair {
  const { certificate, key } = credentialsOf(location, text);
  if (typeof certificate !== 'string')
    throw new KeyStoreError(
      'no-certificate',
      `${location} has no certificate; make the binding with credential-type x509`,
    );
  if (typeof key !== 'string')
    throw new KeyStoreError('no-key', `${location} has no key: it is with whoever provided the certificate`);
  return keyPairFromPem(location, `${key}\n${certificate}`, password);
}

function credentialsOf(location: string, text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // No cause: it would quote the file.
    throw new KeyStoreError('format', `${location} is not valid JSON`);
  }
  if (isObject(parsed)) return isObject(parsed['credentials']) ? parsed['credentials'] : parsed;
  throw new KeyStoreError(
    'format',
    `${location} must be a JSON object with certificate and key, as a service key has them`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
