/**
 * Whether an answer to a method repeats the request, whoever sees it: an upstream is then shown nothing that is secret, and
 * only routes that name the method take it (RFC 9110 9.3.8, T-08).
 */
export function repeatsRequest(method: string): boolean {
  return method === 'TRACE';
}
