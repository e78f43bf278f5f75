import type { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readCertificates } from './certificate-pem.ts';
import { keyStoreFolder } from './configuration-files.ts';
import { keyPairFromBinding } from './key-store-binding.ts';
import { KeyStoreError } from './key-store-error.ts';
import { readPkcs12, type StoreContent } from './key-store-forge.ts';
import { readJks } from './key-store-jks.ts';
import { assembleKeyPair, type KeyPair } from './key-store-pair.ts';
import { keyPairFromPem } from './key-store-pem.ts';
import { isMissing, unreadable } from './read-text-file.ts';

export type { KeyPair } from './key-store-pair.ts';

/** Where destinations get their keys and trusted certificates from. */
export interface KeyStores {
  /**
   * Key and certificate of a `.p12`, `.pfx`, `.jks`, `.pem`, `.crt`, `.cer` (PEM), `.txt` (as SuccessFactors generates it) or `.json` (a service
   * key).
   * @throws KeyStoreError
   */
  keyPair(location: string, password: string | undefined): Promise<KeyPair>;
  /**
   * Certificates to trust, as PEM, of a `.pem`, `.crt`, `.cer`, `.der`, `.jks`, `.p12` or `.pfx`.
   * @throws KeyStoreError
   */
  trust(location: string, password?: string | undefined): Promise<readonly string[]>;
}

/** Key stores in the working directory's `keystores/`; each is opened once for each password it is asked with. */
export function createKeyStores(workingDirectory: string): KeyStores {
  const directory = path.join(workingDirectory, keyStoreFolder);
  return keyStoresFrom((location) => readFrom(directory, location));
}

/**
 * Key stores from wherever their bytes are.
 * @param read gives the bytes of a location, or throws KeyStoreError
 */
export function keyStoresFrom(read: (location: string) => Promise<Uint8Array>): KeyStores {
  const pairs = new Map<string, Promise<KeyPair>>();
  return {
    keyPair(location, password) {
      const key = JSON.stringify([location, password]);
      let loading = pairs.get(key);
      if (loading === undefined) {
        loading = read(location).then((content) => readKeyPair(location, content, password));
        loading.catch(() => pairs.delete(key));
        pairs.set(key, loading);
      }
      return loading;
    },
    async trust(location, password) {
      const content = await read(location);
      return readTrust(location, content, password);
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
  if (isStore(location)) {
    const { keys, certificates } = await openStore(location, content, password, 'keys');
    return assembleKeyPair(location, keys, certificates);
  }
  const text = Buffer.from(content).toString('utf8');
  switch (path.extname(location).toLowerCase()) {
    case '.pem':
    case '.crt':
    case '.cer':
    case '.key':
    case '.txt':
      return keyPairFromPem(location, text, password);
    case '.json':
      return keyPairFromBinding(location, text, password);
    default:
      throw new KeyStoreError(
        'format',
        `${location} is not a format that keys are read from; use .p12, .pfx, .jks, .pem, .crt, .cer, .txt (SuccessFactors) or .json (service key)`,
      );
  }
}

/** Reads certificates to trust from the bytes of a file, as PEM. @throws KeyStoreError */
export async function readTrust(
  location: string,
  content: Uint8Array,
  password: string | undefined,
): Promise<readonly string[]> {
  const certificates = isStore(location)
    ? (await openStore(location, content, password, 'certificates')).certificates
    : certificatesOf(location, content);
  if (certificates.length === 0) throw new KeyStoreError('no-certificate', `${location} holds no certificate`);
  return Object.freeze(certificates.map(String));
}

function certificatesOf(location: string, content: Uint8Array): readonly X509Certificate[] {
  if (!/\.(pem|crt|cer|der)$/i.test(location)) {
    const message = `${location} is not a format that trusted certificates are read from; use .pem, .crt, .cer, .der, .jks or .p12`;
    throw new KeyStoreError('format', message);
  }
  try {
    return readCertificates(content);
  } catch (cause) {
    throw new KeyStoreError('format', `${location} holds no readable certificate`, cause);
  }
}

function isStore(location: string): boolean {
  return /\.(p12|pfx|jks|keystore)$/i.test(location);
}

/**
 * Opens a store. What it is shows in its first bytes, whatever its name: keytool writes PKCS#12 into `.jks` since Java 9.
 */
async function openStore(
  location: string,
  content: Uint8Array,
  password: string | undefined,
  wanted: 'keys' | 'certificates',
): Promise<StoreContent> {
  switch (Buffer.from(content.subarray(0, 4)).toString('hex')) {
    case 'feedfeed':
      return readJks(location, content, password, wanted);
    case 'cececece':
      throw new KeyStoreError(
        'format',
        `${location} is of the type JCEKS, which is not read; convert it: keytool -importkeystore -srckeystore … -srcstoretype jceks -destkeystore x.p12 -deststoretype pkcs12`,
      );
    default:
      return readPkcs12(location, content, password ?? '');
  }
}

async function readFrom(directory: string, location: string): Promise<Uint8Array> {
  // A name, not a path: what a destination says must not reach outside the folder.
  if (location === '' || path.basename(location) !== location || location.startsWith('.') || location.includes('\\')) {
    throw new KeyStoreError(
      'not-found',
      `"${location}" must be the name of a file in ${keyStoreFolder}/, without a path`,
    );
  }
  try {
    return await readFile(path.join(directory, location));
  } catch (cause) {
    if (!isMissing(cause)) throw new KeyStoreError('format', `${location} ${unreadable(cause)}`, cause);
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
