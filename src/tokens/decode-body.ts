import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

/** Bytes of an answer at most, as on the wire. */
const maxOutputLength = 1_048_576;

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * The text of a token service's answer. We ask for no compression, and gateways in front of token services compress all the
 * same. What cannot be decoded is no text, and so no token.
 * @param encoding value of Content-Encoding
 */
export function decodeBody(bytes: Buffer, encoding: string | undefined): string {
  const decode = decoders[encoding?.trim().toLowerCase() ?? ''];
  try {
    // A byte order mark is no part of JSON (RFC 8259 8.1), and is sent.
    return new TextDecoder().decode(decode === undefined ? bytes : decode(bytes, { maxOutputLength }));
  } catch {
    return '';
  }
}
