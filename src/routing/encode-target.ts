/**
 * Percent-encodes what a request target cannot hold (RFC 9112 3.2, RFC 3986 2.1): blanks, umlauts, `#`. People write them
 * into `target` as they read; sent raw, no backend understands them. Names of groups (`$<name>`) stay.
 */
export function encodeTarget(target: string): string {
  return target
    .toWellFormed()
    .replace(/\$<[^>]*>|[^\x21-\x7e]+|#/g, (part) => (part.startsWith('$<') ? part : encodeURIComponent(part)));
}
