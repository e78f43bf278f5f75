import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export interface RsaKeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PKCS#8 and SubjectPublicKeyInfo, as node-forge reads them. */
  readonly privatePem: string;
  readonly publicPem: string;
}

const generate = promisify(generateKeyPair);

/** A fresh RSA-2048 pair. Asked for several times at once, they are made in parallel on the thread pool. */
export async function makeRsaKeyPair(): Promise<RsaKeyPair> {
  const { privateKey, publicKey } = await generate('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return Object.freeze({
    privateKey: createPrivateKey(privateKey),
    publicKey: createPublicKey(publicKey),
    privatePem: privateKey,
    publicPem: publicKey,
  });
}
