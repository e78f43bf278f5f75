import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { pemBlocks } from './certificate-pem.ts';
import { KeyStoreError } from './key-store-error.ts';
import { generatedBlocks } from './key-store-generated.ts';
import { assembleKeyPair, type KeyPair } from './key-store-pair.ts';

/**
 * Reads a key and its certificates from PEM text: PKCS#8 (plain or encrypted), PKCS#1 or SEC 1, in any order; or from
 * what SuccessFactors generates. Also serves service bindings, whose key and certificate are two PEM texts: join them.
 * @param location named in messages
 * @throws KeyStoreError
 */
export function keyPairFromPem(location: string, text: string, password: string | undefined): KeyPair {
  const framed = pemBlocks(text);
  const blocks = framed.length > 0 ? framed : generatedBlocks(text);
  if (blocks.length === 0)
    throw new KeyStoreError('format', `${location} is not PEM: it has no -----BEGIN …----- line`);
  const keys = blocks
    .filter(({ label }) => label.endsWith('PRIVATE KEY'))
    .map((block) => readKey(location, block.text, password));
  const certificates = blocks
    .filter(({ label }) => label.endsWith('CERTIFICATE'))
    .map((block) => readCertificate(location, block.text));
  return assembleKeyPair(location, keys, certificates);
}

function readKey(location: string, text: string, password: string | undefined): KeyObject {
  const encrypted = /ENCRYPTED/.test(text);
  if (encrypted && password === undefined) {
    throw new KeyStoreError('password', `the private key in ${location} is encrypted, and no password is given`);
  }
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(encrypted ? { passphrase: password } : {}) });
  } catch (cause) {
    if (encrypted)
      throw new KeyStoreError('password', `the password does not open the private key in ${location}`, cause);
    throw new KeyStoreError('format', `the private key in ${location} cannot be read`, cause);
  }
}

function readCertificate(location: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw new KeyStoreError('format', `a certificate in ${location} cannot be read`, cause);
  }
}
