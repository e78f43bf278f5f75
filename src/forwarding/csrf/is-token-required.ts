import { headerIn } from '../header-in.ts';

/** Whether a backend refuses a request for want of a token that it takes. @param raw name, value, name, value… */
export function isTokenRequired(status: number, raw: readonly string[]): boolean {
  return status === 403 && headerIn(raw, 'x-csrf-token')?.trim().toLowerCase() === 'required';
}
