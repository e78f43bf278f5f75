import { createPrivateKey, type KeyObject, pbkdf2Sync, X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type forge from 'node-forge';
import { readCertificates } from './certificate-pem.ts';
import { KeyStoreError } from './key-store-error.ts';
import { assembleKeyPair, type KeyPair } from './key-store-pair.ts';
import { keyPairFromPem } from './key-store-pem.ts';

export type { KeyPair } from './key-store-pair.ts';

/** Where destinations get their keys and trusted certificates from. */
export interface KeyStores {
  /**
   * Key and certificate of a `.p12`, `.pfx` or `.pem`.
   * @throws KeyStoreError
   */
  keyPair(location: string, password: string | undefined): Promise<KeyPair>;
  /**
   * Certificates to trust, as PEM, of a `.pem`, `.crt`, `.cer` or `.der`.
   * @throws KeyStoreError
   */
  trust(location: string): Promise<readonly string[]>;
}

/** Folder of the working directory that holds the files `KeyStoreLocation` names (design section 3). */
const folder = 'keystores';

/** Key stores in the working directory's `keystores/`; each is opened once for each password it is asked with. */
export function createKeyStores(workingDirectory: string): KeyStores {
  const directory = path.join(workingDirectory, folder);
  const pairs = new Map<string, Promise<KeyPair>>();
  return {
    keyPair(location, password) {
      const key = JSON.stringify([location, password]);
      let loading = pairs.get(key);
      if (loading === undefined) {
        loading = readFrom(directory, location).then((content) => readKeyPair(location, content, password));
        loading.catch(() => pairs.delete(key));
        pairs.set(key, loading);
      }
      return loading;
    },
    async trust(location) {
      const content = await readFrom(directory, location);
      return readTrust(location, content);
    },
  };
}

/**
 * Reads a key store from its bytes; the extension of its name says the format (destination-service.md section 5).
 * @throws KeyStoreError
 */
export async function readKeyPair(
  location: string,
  content: Uint8Array,
  password: string | undefined,
): Promise<KeyPair> {
  const extension = path.extname(location).toLowerCase();
  if (extension === '.pem') return keyPairFromPem(location, Buffer.from(content).toString('utf8'), password);
  if (extension === '.p12' || extension === '.pfx') return await readPkcs12(location, content, password ?? '');
  const cure =
    extension === '.jks'
      ? 'convert it: keytool -importkeystore -srckeystore … -destkeystore x.p12 -deststoretype pkcs12'
      : 'use .p12, .pfx or .pem';
  throw new KeyStoreError('format', `${location} is not a format that keys are read from; ${cure}`);
}

function readTrust(location: string, content: Uint8Array): readonly string[] {
  if (!/\.(pem|crt|cer|der)$/i.test(location)) {
    const message = `${location} is not a format that trusted certificates are read from; use .pem, .crt, .cer or .der`;
    throw new KeyStoreError('format', message);
  }
  let certificates: X509Certificate[];
  try {
    certificates = readCertificates(content);
  } catch (cause) {
    throw new KeyStoreError('format', `${location} holds no readable certificate`, cause);
  }
  if (certificates.length === 0) throw new KeyStoreError('no-certificate', `${location} holds no certificate`);
  return Object.freeze(certificates.map(String));
}

async function readFrom(directory: string, location: string): Promise<Uint8Array> {
  // A name, not a path: what a destination says must not reach outside the folder.
  if (location === '' || path.basename(location) !== location || location.startsWith('.') || location.includes('\\')) {
    throw new KeyStoreError('not-found', `"${location}" must be the name of a file in ${folder}/, without a path`);
  }
  try {
    return await readFile(path.join(directory, location));
  } catch (cause) {
    throw new KeyStoreError('not-found', `${location} is not in ${directory}, ${await contents(directory)}`, cause);
  }
}

async function contents(directory: string): Promise<string> {
  try {
    const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
    return names.length > 0 ? `which holds ${names.join(', ')}` : 'which is empty';
  } catch {
    return 'which does not exist';
  }
}

/**
 * PKCS#12 needs node-forge: node:crypto reads none, and OpenSSL 3 (TLS `pfx`) refuses the RC2-40 files that older tools
 * write (destination-service.md section 5). Everything after the unwrapping is node:crypto's.
 */
async function readPkcs12(location: string, content: Uint8Array, password: string): Promise<KeyPair> {
  const { asn1, pkcs12, pki } = await loadForge();
  let bags: forge.pkcs12.Bag[];
  try {
    const store = pkcs12.pkcs12FromAsn1(asn1.fromDer(Buffer.from(content).toString('latin1')), false, password);
    bags = store.safeContents.flatMap(({ safeBags }) => safeBags);
  } catch (cause) {
    const { message } = cause as Error;
    if (/password|decrypt/i.test(message)) {
      const tried = password === '' ? 'without a password' : 'with the password given';
      throw new KeyStoreError('password', `${location} cannot be opened ${tried}`);
    }
    throw new KeyStoreError('format', `${location} is not a readable PKCS#12 file: ${message}`);
  }
  const der = (node: forge.asn1.Asn1) => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
  const kinds: Record<string, string> = pki.oids;
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  for (const { type, key, cert, asn1: other } of bags) {
    // forge models RSA only; other keys and their certificates come through as ASN.1, which node:crypto understands.
    if (type === kinds['certBag']) {
      certificates.push(new X509Certificate(der(cert ? pki.certificateToAsn1(cert) : other)));
    } else if (type === kinds['keyBag'] || type === kinds['pkcs8ShroudedKeyBag']) {
      const shape = key
        ? { key: der(pki.privateKeyToAsn1(key)), type: 'pkcs1' as const }
        : { key: der(other), type: 'pkcs8' as const };
      keys.push(createPrivateKey({ format: 'der', ...shape }));
    }
  }
  return assembleKeyPair(location, keys, certificates);
}

/** node-forge takes some 40 ms to load (measured): on first need only, for start-up time. */
async function loadForge(): Promise<typeof forge> {
  const { default: loaded } = await import('node-forge');
  // PBES2 takes the password as UTF-8 (RFC 8018 3, RFC 7292 B.1); forge's own derivation takes Latin-1, in slow JavaScript.
  const derive = (password: string, salt: string, iterations: number, length: number, digest?: { algorithm: string }) =>
    pbkdf2Sync(password, Buffer.from(salt, 'latin1'), iterations, length, digest?.algorithm ?? 'sha1').toString(
      'latin1',
    );
  loaded.pkcs5.pbkdf2 = derive as typeof loaded.pkcs5.pbkdf2;
  return loaded;
}
