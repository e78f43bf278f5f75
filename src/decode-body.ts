import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * The text of an answer to a question of our own. We ask for no compression, and gateways in front of services compress all the
 * same (RFC 9110 12.5.3 lets them). What cannot be decoded is no text, and so no token and no destination.
 * @param encoding value of Content-Encoding
 * @param maxOutputLength bytes at most, as on the wire
 */
export function decodeBody(bytes: Buffer, encoding: string | undefined, maxOutputLength: number): string {
  const decode = decoders[encoding?.trim().toLowerCase() ?? ''];
  try {
    // A byte order mark is no part of JSON (RFC 8259 8.1), and is sent.
    return new TextDecoder().decode(decode === undefined ? bytes : decode(bytes, { maxOutputLength }));
  } catch {
    return '';
  }
}
