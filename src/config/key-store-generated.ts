import { X509Certificate } from 'node:crypto';
import { innermostDer, isPkcs8, type PemBlock, pemBlocks, pemOf } from './certificate-pem.ts';

/** Shorter words are labels or names, not keys. */
const shortest = 300;

/**
 * Reads key pairs as SuccessFactors generates and hands them out once: the base64 of a private key and of a certificate,
 * each on one line without PEM's own lines, each followed by a tag `###…`, and all that encoded once more
 * (token-flows.md E7, destination-service.md section 5).
 * @returns the blocks that PEM would have had; none when the text is something else
 */
export function generatedBlocks(text: string): readonly PemBlock[] {
  return text.split(/[\s,;"':]+/).flatMap((word): PemBlock[] => {
    if (word.length < shortest) return [];
    const der = innermostDer(word);
    if (der !== undefined) return [pemOf(kindOf(der), der)];
    // The whole file encoded once more: PEM, or lines like these.
    const inner = Buffer.from(word, 'base64').toString('latin1');
    return /^[\t\n\r\x20-\x7e]+$/.test(inner) ? [...pemBlocks(inner), ...generatedBlocks(outsidePem(inner))] : [];
  });
}

function outsidePem(text: string): string {
  return text.replace(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g, '\n');
}

function kindOf(der: Buffer): string {
  try {
    new X509Certificate(der);
    return 'CERTIFICATE';
  } catch {
    return isPkcs8(der) ? 'PRIVATE KEY' : 'ENCRYPTED PRIVATE KEY';
  }
}
