import { X509Certificate } from 'node:crypto';

/** One `-----BEGIN x----- … -----END x-----` of a file. */
export interface PemBlock {
  /** E.g. `CERTIFICATE`, `ENCRYPTED PRIVATE KEY`. */
  readonly label: string;
  readonly text: string;
}

/**
 * The PEM blocks of a text, in order; whatever stands between them is ignored (RFC 7468 2). Their bodies are taken as
 * they come out of environments and downloads: with line breaks written `\n` or `%0A` or flattened into blanks
 * (token-flows.md C11), with a tag `###…` appended, or encoded once more (E7).
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g);
  return Array.from(blocks, ([, label = '', body = '']) => {
    const lines = body.replace(/\\[rn]|%0[AD]/gi, '\n');
    // An encrypted PKCS#1 key says in headers how it is (RFC 1421 4.6); what has headers is left as it is.
    if (/^\s*[A-Za-z-]+: /.test(lines)) return block(label, lines.trim());
    const der = innermostDer(lines);
    // Some tools call a key encrypted that is not (E7).
    const plain = label === 'ENCRYPTED PRIVATE KEY' && der !== undefined && isPkcs8(der);
    return block(plain ? 'PRIVATE KEY' : label, der === undefined ? lines.trim() : wrap(der));
  });
}

/** DER as a PEM block. */
export function pemOf(label: string, der: Uint8Array): PemBlock {
  return block(label, wrap(der));
}

/**
 * The DER in a base64 text, without its tag `###…`; base64 of such a text counts as the text itself.
 * @returns undefined when there is none
 */
export function innermostDer(text: string): Buffer | undefined {
  let encoded = text;
  for (let layers = 0; layers < 3; layers += 1) {
    const bare = encoded.split('###', 1)[0]?.replace(/\s+/g, '') ?? '';
    if (bare === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(bare)) return undefined;
    const decoded = Buffer.from(bare, 'base64');
    if (decoded[0] === 0x30 && decoded.length > 64) return decoded;
    encoded = decoded.toString('latin1');
  }
  return undefined;
}

/** PKCS#8 begins with a version (RFC 5958 2), its encrypted form with an algorithm (3). */
export function isPkcs8(der: Uint8Array): boolean {
  const header = (der[1] ?? 0) < 0x80 ? 2 : 2 + ((der[1] ?? 0) & 0x7f);
  return der[header] === 0x02;
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

function block(label: string, body: string): PemBlock {
  return { label, text: `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n` };
}

function wrap(der: Uint8Array): string {
  return (
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g)
      ?.join('\n') ?? ''
  );
}
