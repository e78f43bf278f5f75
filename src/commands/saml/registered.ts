import type { X509Certificate } from 'node:crypto';
import { innermostDer, readCertificates } from '../../config/certificate-pem.ts';
import type { KeyPair } from '../../config/key-store.ts';
import { readFileContent } from '../../config/key-store-content.ts';
import { Complaint, type Finding, ok } from '../doctor/step.ts';

/**
 * Compares the certificate that signs with what is registered at the target, in whatever form that was kept: a certificate
 * (PEM, DER, one line of base64 with or without breaks, in SAML metadata, in a key store without password), or a
 * thumbprint (SHA-1 or SHA-256; hex with or without colons, base64, base64url).
 * @param file its name, for messages
 * @throws Complaint when it is another one
 */
export async function compareRegistered(file: string, content: Uint8Array, pair: KeyPair): Promise<Finding> {
  const { certificate, thumbprints } = pair;
  const text = Buffer.from(content).toString('utf8').trim();
  const digest = digestIn(text);
  if (digest !== undefined) {
    const own = digest.length === 20 ? thumbprints.sha1 : thumbprints.sha256;
    if (digest.equals(own.bytes)) return ok(`${file} is the thumbprint of the certificate that signs`);
    throw other(`${file} is the thumbprint ${digest.toString('hex').toUpperCase()}, and ours is ${own.hex}`);
  }
  const registered = await certificatesIn(file, content, text);
  if (registered.some(({ raw }) => raw.equals(certificate.raw))) return ok(`${file} is the certificate that signs`);
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const sameKey = registered.find((one) => one.publicKey.export({ type: 'spki', format: 'der' }).equals(publicKey));
  if (sameKey)
    return {
      outcome: 'warning',
      told: `${file} is another certificate of the same key (until ${new Date(sameKey.validTo).toISOString().slice(0, 10)})`,
      cure: 'Signatures are verified all the same; register the one that signs before the other ends.',
    };
  throw other(`${file} is ${[...new Set(registered.map(nameOf))].join(', ')}, and ${nameOf(certificate)} signs`);
}

function other(what: string): Complaint {
  return new Complaint(
    `${what}: SuccessFactors answers "Unable to verify the signature of the SAML assertion"`,
    'Register the certificate that signs ("portunus cert show FILE --one-line" prints it without BEGIN and END lines), or name its key store in KeyStoreLocation.',
  );
}

function nameOf({ subject, fingerprint }: X509Certificate): string {
  return `${(subject ?? '').split('\n').join(', ')} (SHA-1 ${fingerprint.replaceAll(':', '')})`;
}

/** A digest as people note it down, perhaps behind `sha256 Fingerprint=`. */
function digestIn(text: string): Buffer | undefined {
  const bare = text.replace(/^[^=\n]*fingerprint\s*=\s*/i, '').trim();
  const hex = bare.replace(/[\s:]/g, '');
  if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/i.test(hex)) return Buffer.from(hex, 'hex');
  // 20 bytes are 27 digits of base64, 32 are 43.
  return /^(?:[\w+/-]{27}|[\w+/-]{43})={0,2}$/.test(bare) ? Buffer.from(bare, 'base64') : undefined;
}

async function certificatesIn(file: string, content: Uint8Array, text: string): Promise<readonly X509Certificate[]> {
  // Pasted without BEGIN and END, in one line or many.
  const der = innermostDer(text);
  if (der !== undefined) return readCertificates(der);
  const inMetadata = [...text.matchAll(/<(?:\w+:)?X509Certificate>([^<]*)</g)].flatMap(
    ([, body = '']) => innermostDer(body) ?? [],
  );
  if (inMetadata.length > 0) return inMetadata.flatMap(readCertificates);
  const { certificates } = await readFileContent(file, content, undefined);
  if (certificates.length === 0) throw new Complaint(`${file} holds no certificate`);
  return certificates;
}
