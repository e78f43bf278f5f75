import { X509Certificate } from 'node:crypto';

/** One `-----BEGIN x----- … -----END x-----` of a file. */
export interface PemBlock {
  /** E.g. `CERTIFICATE`, `ENCRYPTED PRIVATE KEY`. */
  readonly label: string;
  readonly text: string;
}

/**
 * The PEM blocks of a text, in order; whatever stands between them is ignored (RFC 7468 2).
 * SuccessFactors appends a tag `###…` to the base64 of the keys it generates: cut off (token-flows.md E7).
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g);
  return Array.from(blocks, ([, label = '', body = '']) => {
    const [kept = ''] = body.split('###');
    return { label, text: `-----BEGIN ${label}-----\n${kept.trim()}\n-----END ${label}-----\n` };
  });
}

/**
 * The certificates of a file: PEM (any number) or DER (one).
 * @throws when the bytes are neither.
 */
export function readCertificates(content: Uint8Array): X509Certificate[] {
  const blocks = pemBlocks(Buffer.from(content).toString('latin1'));
  if (blocks.length === 0) return [new X509Certificate(content)];
  return blocks.filter(({ label }) => label.endsWith('CERTIFICATE')).map(({ text }) => new X509Certificate(text));
}
