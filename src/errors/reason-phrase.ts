import { STATUS_CODES } from '../node-http.ts';

/** Reason phrase of a status (RFC 9110 15), the body of an error answer when nobody asked for more. */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}
