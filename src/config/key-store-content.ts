import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type PemBlock, pemBlocks } from './certificate-pem.ts';
import { KeyStoreError } from './key-store-error.ts';
import { readPkcs12, type StoreContent } from './key-store-forge.ts';
import { generatedBlocks } from './key-store-generated.ts';
import { readJks } from './key-store-jks.ts';

/** Everything in a file, whatever its name is. */
export interface FileContent extends StoreContent {
  readonly format: 'PKCS#12' | 'JKS' | 'DER' | 'PEM' | 'base64' | 'service key';
  /** Private keys that are there and stay closed for want of a password. */
  readonly locked: number;
}

/**
 * Reads keys and certificates to be looked at. Unlike where keys are used, what cannot be opened is no error as long as
 * something can be told.
 * @param location for messages
 * @throws KeyStoreError password, format
 */
export async function readFileContent(
  location: string,
  content: Uint8Array,
  password: string | undefined,
): Promise<FileContent> {
  const bytes = Buffer.from(content);
  if (bytes.subarray(0, 4).toString('hex') === 'feedfeed') {
    const wanted = password === undefined ? 'certificates' : 'keys';
    return { format: 'JKS', ...readJks(location, content, password, wanted) };
  }
  if (bytes[0] === 0x30) return readDer(location, bytes, password);
  const text = bytes.toString('utf8');
  const framed = pemBlocks(text);
  if (framed.length > 0)
    return { format: text.trimStart().startsWith('{') ? 'service key' : 'PEM', ...opened(location, framed, password) };
  const generated = generatedBlocks(text);
  if (generated.length > 0) return { format: 'base64', ...opened(location, generated, password) };
  throw new KeyStoreError(
    'format',
    `${location} holds no certificate and no key in a form that is known: PKCS#12, JKS, PEM, DER, base64, a service key`,
  );
}

/** A certificate, a key, or a PKCS#12 store. */
async function readDer(location: string, der: Buffer, password: string | undefined): Promise<FileContent> {
  try {
    return { format: 'DER', keys: [], certificates: [new X509Certificate(der)], locked: 0 };
  } catch {
    // One of the others.
  }
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return {
        format: 'DER',
        keys: [createPrivateKey({ key: der, format: 'der', type })],
        certificates: [],
        locked: 0,
      };
    } catch {
      // Of another type, or none.
    }
  }
  return { format: 'PKCS#12', locked: 0, ...(await readPkcs12(location, der, password ?? '')) };
}

function opened(
  location: string,
  blocks: readonly PemBlock[],
  password: string | undefined,
): StoreContent & { readonly locked: number } {
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  let locked = 0;
  for (const { label, text } of blocks) {
    try {
      if (label.endsWith('CERTIFICATE')) certificates.push(new X509Certificate(text));
      else if (label.endsWith('PRIVATE KEY')) {
        if (/ENCRYPTED/.test(text) && password === undefined) locked += 1;
        else keys.push(createPrivateKey({ key: text, format: 'pem', passphrase: password ?? '' }));
      }
    } catch (cause) {
      const isLocked = /ENCRYPTED/.test(text);
      const what = isLocked ? 'the password does not open the private key' : `a ${label.toLowerCase()} cannot be read`;
      throw new KeyStoreError(isLocked ? 'password' : 'format', `${location}: ${what}`, cause);
    }
  }
  return { keys, certificates, locked };
}
