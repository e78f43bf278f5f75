import { createHash, createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
// `toLegacyObject` loads TLS from within; where it is the first to do so, node:tls has no createSecureContext ever after.
import 'node:tls';
import { type Thumbprint, thumbprint } from './certificate-thumbprint.ts';
import { KeyStoreError } from './key-store-error.ts';

/** A private key with the certificate that speaks for it. */
export interface KeyPair {
  /** Where it came from, for messages: a file name or the name of a binding. */
  readonly location: string;
  readonly privateKey: KeyObject;
  /** The certificate of this very key. */
  readonly certificate: X509Certificate;
  /** PEM, the leaf first, each issued by the next. */
  readonly chain: readonly string[];
  readonly thumbprints: { readonly sha1: Thumbprint; readonly sha256: Thumbprint };
  /** CN of the subject; empty when it has none. */
  readonly commonName: string;
  /** SHA-256 over key and chain (public parts), base64url: stands for this pair in cache keys. */
  readonly fingerprint: string;
  /** What TLS wants: the key as PKCS#8 and the whole chain in one text. */
  readonly pem: { readonly key: string; readonly certificate: string };
}

/**
 * Puts a pair together from all keys and certificates of a store: the leaf is the certificate that fits a key,
 * wherever it stands, and its chain is found by issuer. Of several for one key, as after a renewal, one that has ended stands back.
 * @throws KeyStoreError no-key, no-certificate, mismatch
 */
export function assembleKeyPair(
  location: string,
  keys: readonly KeyObject[],
  certificates: readonly X509Certificate[],
): KeyPair {
  if (keys.length === 0) throw new KeyStoreError('no-key', `${location} holds no private key, only certificates`);
  if (certificates.length === 0) throw new KeyStoreError('no-certificate', `${location} holds no certificate`);
  for (const privateKey of keys) {
    const fitting = certificates.filter((certificate) => certificate.checkPrivateKey(privateKey));
    const leaf = fitting.find(({ validTo }) => Date.parse(validTo) > Date.now()) ?? fitting[0];
    if (leaf) return makePair(location, privateKey, chainOf(leaf, certificates));
  }
  const subjects = certificates.map(({ subject }) => subject?.replaceAll('\n', ', ')).join('; ');
  throw new KeyStoreError(
    'mismatch',
    `the private key in ${location} does not fit any certificate in it (${subjects}); put the certificate made for this key there`,
  );
}

function chainOf(leaf: X509Certificate, certificates: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  for (let last: X509Certificate | undefined = leaf; last !== undefined; ) {
    const child: X509Certificate = last;
    last = certificates.find((other) => !chain.includes(other) && child.checkIssued(other));
    if (last) chain.push(last);
  }
  return chain;
}

function makePair(location: string, privateKey: KeyObject, certificates: readonly X509Certificate[]): KeyPair {
  const [certificate] = certificates as [X509Certificate];
  const digest = createHash('sha256').update(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  for (const { raw } of certificates) digest.update(raw);
  const chain = certificates.map(String);
  return Object.freeze({
    location,
    privateKey,
    certificate,
    chain: Object.freeze(chain),
    thumbprints: Object.freeze({
      sha1: thumbprint(certificate.fingerprint),
      sha256: thumbprint(certificate.fingerprint256),
    }),
    commonName: commonNameOf(certificate),
    fingerprint: digest.digest('base64url'),
    pem: Object.freeze({
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      certificate: chain.join(''),
    }),
  });
}

function commonNameOf(certificate: X509Certificate): string {
  const names: unknown = certificate.toLegacyObject().subject?.CN;
  return String(Array.isArray(names) ? names.at(-1) : (names ?? ''));
}
