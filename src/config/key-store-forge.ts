import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  pbkdf2Sync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import type forge from 'node-forge';
import { KeyStoreError } from './key-store-error.ts';
import type { SubjectName } from './subject-name.ts';

/** What a store holds, in no order. */
export interface StoreContent {
  readonly keys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
}

/**
 * Opens a PKCS#12 store. That needs node-forge: node:crypto reads none, and OpenSSL 3 (TLS `pfx`) refuses the RC2-40 files
 * that older tools write (destination-service.md section 5). Everything after the unwrapping is node:crypto's.
 * @throws KeyStoreError password, format
 */
export async function readPkcs12(location: string, content: Uint8Array, password: string): Promise<StoreContent> {
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
  return { keys, certificates };
}

export interface CertificateRequest {
  /** RSA; signs its own certificate. */
  readonly privateKey: KeyObject;
  readonly subject: SubjectName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Names and addresses of the server that shows it; absent: it is for signing only. */
  readonly hosts?: readonly string[];
}

/** Makes a self-signed certificate for signing or for a server, X.509 v3 with SHA-256. forge builds it, node:crypto signs. @returns PEM */
export async function makeCertificate(request: CertificateRequest): Promise<string> {
  const loaded = await loadForge();
  const { asn1 } = loaded;
  const pki = loaded.pki as Pki;
  const certificate = pki.createCertificate() as Unsigned;
  const publicKey = createPublicKey(request.privateKey).export({ type: 'spki', format: 'pem' });
  certificate.publicKey = pki.publicKeyFromPem(publicKey.toString());
  // RFC 5280 4.1.2.2: positive, at most 20 bytes; a first byte of 01 needs no padding.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity = { notBefore: request.notBefore, notAfter: request.notAfter };
  // RFC 5280 4.1.2.4 and appendix A: UTF-8, but for countries (PrintableString) and e-mail addresses (IA5String).
  const { PRINTABLESTRING, IA5STRING, UTF8 } = { ...asn1.Type, IA5STRING: 22 };
  const kinds: Readonly<Record<string, number>> = { C: PRINTABLESTRING, E: IA5STRING };
  const name = request.subject.map(
    ({ type, value }) => ({ shortName: type, value, valueTagClass: kinds[type] ?? UTF8 }) as forge.pki.CertificateField,
  );
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'subjectKeyIdentifier' },
    ...(request.hosts === undefined ? [] : [{ name: 'subjectAltName', altNames: request.hosts.map(altName) }]),
  ]);
  const algorithmOid = pki.oids['sha256WithRSAEncryption'] ?? '';
  certificate.signatureOid = algorithmOid;
  certificate.siginfo.algorithmOid = algorithmOid;
  certificate.tbsCertificate = pki.getTBSCertificate(certificate);
  const signed = Buffer.from(asn1.toDer(certificate.tbsCertificate).getBytes(), 'latin1');
  certificate.signature = sign('sha256', signed, request.privateKey).toString('latin1');
  return pki.certificateToPem(certificate).replaceAll('\r', '');
}

/** A PKCS#12 file (AES-256) with a key and its chain, leaf first; all given as PEM. */
export async function makePkcs12(key: string, chain: readonly string[], password: string): Promise<Buffer> {
  const { asn1, pkcs12, pki } = await loadForge();
  const container = pkcs12.toPkcs12Asn1(
    pki.privateKeyFromPem(key),
    chain.map((pem) => pki.certificateFromPem(pem)),
    password,
    { algorithm: 'aes256' },
  );
  return Buffer.from(asn1.toDer(container).getBytes(), 'latin1');
}

/** RFC 5280 4.2.1.6: 7 is an address, 2 a DNS name. */
function altName(host: string) {
  return isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host };
}

/** What forge's type declarations leave out. */
type Unsigned = forge.pki.Certificate & { tbsCertificate: forge.asn1.Asn1 };
type Pki = typeof forge.pki & { getTBSCertificate(certificate: forge.pki.Certificate): forge.asn1.Asn1 };

/** node-forge takes some 40 ms to load (measured): on first need only, for start-up time. */
async function loadForge(): Promise<typeof forge> {
  const { default: loaded } = await import('node-forge');
  // PBES2 takes the password as UTF-8 (RFC 8018 3, RFC 7292 B.1); forge's own derivation takes Latin-1, in slow JavaScript.
  const derive = (password: string, salt: string, iterations: number, length: number, digest?: { algorithm: string }) =>
    pbkdf2Sync(password, Buffer.from(salt, 'latin1'), iterations, length, digest?.algorithm ?? 'sha1').toString(
      'latin1',
    );
  loaded.pkcs5.pbkdf2 = derive as typeof loaded.pkcs5.pbkdf2;
  const { createBuffer } = loaded.util;
  loaded.md.sha1.create = () => nativeDigest('sha1', 20, createBuffer) as forge.md.sha1.MessageDigest;
  loaded.md.sha256.create = () => nativeDigest('sha256', 32, createBuffer) as forge.md.sha256.MessageDigest;
  return loaded;
}

/**
 * A hash as forge wants it, made by node:crypto: PKCS#12's own derivation (RFC 7292 B.2) hashes thousands of times, which took
 * forge a tenth of the start.
 */
function nativeDigest(
  algorithm: 'sha1' | 'sha256',
  digestLength: number,
  createBuffer: typeof forge.util.createBuffer,
): forge.md.MessageDigest {
  let told = '';
  const native = {
    algorithm,
    blockLength: 64,
    digestLength,
    start() {
      told = '';
      return native;
    },
    update(text: string, encoding?: forge.Encoding) {
      told += encoding === 'utf8' ? Buffer.from(text).toString('latin1') : text;
      return native;
    },
    digest: () => createBuffer(hash(algorithm, Buffer.from(told, 'latin1'), 'binary')),
  };
  return native as unknown as forge.md.MessageDigest;
}
