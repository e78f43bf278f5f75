/**
 * What a modifying request says of itself and the question for a token must not: what its body is, on which condition it
 * counts, that it is another method, or by which name it is known when it comes twice.
 */
const ofTheRequest: ReadonlySet<string> = new Set([
  'accept',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-id',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'digest',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'origin',
  'prefer',
  'range',
  'repeatability-client-id',
  'repeatability-creation',
  'repeatability-first-sent',
  'repeatability-request-id',
  'repr-digest',
  'requestid',
  'slug',
  'want-digest',
  'x-csrf-token',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]);

/**
 * The headers of a request → those of the question for a token that goes ahead of it: the same credential, cookies and
 * languages, from the same caller. Pure.
 * @param headers name, value, name, value… as the backend would get them
 */
export function fetchHeaders(headers: readonly string[]): string[] {
  const asked: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (!ofTheRequest.has(name.toLowerCase().replaceAll('_', '-'))) asked.push(name, headers[i + 1] as string);
  }
  asked.push('accept', '*/*', 'x-csrf-token', 'Fetch');
  return asked;
}
