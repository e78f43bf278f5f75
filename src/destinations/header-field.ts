/** Headers that belong to one connection or to the framing of one message: nobody may configure them (RFC 9110 7.6.1). */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What is wrong with a configured header, or undefined. Keeps line breaks out of requests (T-23). */
export function headerFault(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'is not a valid header name';
  if (framing.has(name.toLowerCase())) return 'is set by the connection itself; remove it';
  // RFC 9110 5.5: visible characters, space and tab; obs-text as Latin-1.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    return 'has a value that no header can carry (control or non-Latin characters)';
  return undefined;
}
