/** What the upstream says to caches; some ask their own header first (RFC 9213). */
const toCaches: ReadonlySet<string> = new Set(['cache-control', 'cdn-cache-control', 'surrogate-control', 'expires']);

/** The upstream's headers, but for those that let an answer be kept. @param headers name, value, name, value… */
export function withoutCaching(headers: readonly string[]): string[] {
  return headers.filter((_, i) => !toCaches.has((headers[i - (i % 2)] as string).toLowerCase()));
}
