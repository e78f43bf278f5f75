import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { KeyStoreError } from './key-store-error.ts';
import type { StoreContent } from './key-store-forge.ts';

/**
 * Reads a Java key store of the type JKS: `keytool`'s own until Java 8. The format is that of the JDK's JavaKeyStore and
 * KeyProtector: entries in a row, private keys masked with a SHA-1 key stream, a SHA-1 digest at the end.
 * @param password of the store, and of the keys in it; certificates can be had without, and then go unchecked
 * @throws KeyStoreError password, format
 */
export function readJks(
  location: string,
  content: Uint8Array,
  password: string | undefined,
  wanted: 'keys' | 'certificates',
): StoreContent & { /** Keys that were not wanted. */ readonly locked: number } {
  const bytes = Buffer.from(content);
  const body = bytes.subarray(0, -20);
  if (password !== undefined && !storeDigest(password, body).equals(bytes.subarray(-20)))
    throw new KeyStoreError('password', `${location} cannot be opened with the password given, or is damaged`);
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  let locked = 0;
  try {
    const next = reader(body);
    next.skip(4);
    const version = next.number();
    if (version !== 1 && version !== 2) throw new RangeError(`version ${version}`);
    const certificate = () => {
      if (version === 2) next.text(); // its type, X.509
      certificates.push(new X509Certificate(next.block()));
    };
    for (let entries = next.number(); entries > 0; entries -= 1) {
      const kind = next.number();
      next.text(); // alias
      next.skip(8); // time of creation
      if (kind === privateKeyEntry) {
        const key = next.block();
        if (wanted === 'keys') keys.push(openKey(location, key, password));
        else locked += 1;
        for (let chain = next.number(); chain > 0; chain -= 1) certificate();
      } else if (kind === trustedCertificateEntry) {
        certificate();
      } else {
        throw new RangeError(`entry of kind ${kind}`);
      }
    }
  } catch (cause) {
    if (cause instanceof KeyStoreError) throw cause;
    throw new KeyStoreError('format', `${location} is not a readable Java key store: ${(cause as Error).message}`);
  }
  return { keys, certificates, locked };
}

const privateKeyEntry = 1;
const trustedCertificateEntry = 2;

/** The password as Java counts characters, a constant of the JDK, and all before the digest. */
function storeDigest(password: string, body: Buffer): Buffer {
  return createHash('sha1').update(bigEndian(password)).update('Mighty Aphrodite').update(body).digest();
}

/**
 * Opens an EncryptedPrivateKeyInfo of Sun's own algorithm: 20 bytes of salt, the key under a key stream in which each
 * block is the digest of the password and the block before, and the digest of password and key.
 */
function openKey(location: string, der: Buffer, password: string | undefined): KeyObject {
  if (password === undefined)
    throw new KeyStoreError('password', `the private key in ${location} is encrypted, and no password is given`);
  const [algorithm, protectedKey] = children(children(der)[0]?.content ?? der);
  if (!algorithm || !protectedKey || !algorithm.content.includes(sunKeyProtector))
    throw new RangeError('a private key protected in an unknown way');
  const secret = bigEndian(password);
  const salt = protectedKey.content.subarray(0, 20);
  const masked = protectedKey.content.subarray(20, -20);
  const plain = Buffer.alloc(masked.length);
  let stream: Buffer = salt;
  for (let at = 0; at < masked.length; at += 1) {
    if (at % 20 === 0) stream = createHash('sha1').update(secret).update(stream).digest();
    plain[at] = (masked[at] ?? 0) ^ (stream[at % 20] ?? 0);
  }
  const check = createHash('sha1').update(secret).update(plain).digest();
  if (!check.equals(protectedKey.content.subarray(-20)))
    throw new KeyStoreError(
      'password',
      `the password opens ${location}, but not the private key in it; give both the same`,
    );
  return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
}

/** Object identifier 1.3.6.1.4.1.42.2.17.1.1. */
const sunKeyProtector = Buffer.from('060a2b060104012a02110101', 'hex');

interface DerValue {
  readonly content: Buffer;
}

/** The values in a row (X.690 8.1). @throws RangeError when a length leads outside */
function children(der: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < der.length; ) {
    const first = der.readUInt8(at + 1);
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const length = octets === 0 ? first : der.readUIntBE(at + 2, octets);
    const begin = at + 2 + octets;
    if (begin + length > der.length) throw new RangeError('a length leads outside the file');
    values.push({ content: der.subarray(begin, begin + length) });
    at = begin + length;
  }
  return values;
}

/** UTF-16BE, as Java's characters. */
function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** Reads one thing after the other, all lengths big-endian. @throws RangeError at the end */
function reader(bytes: Buffer) {
  let at = 0;
  const skip = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length) throw new RangeError('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = () => skip(4).readInt32BE();
  return { skip, number, block: () => skip(number()), text: () => skip(skip(2).readUInt16BE()) };
}
