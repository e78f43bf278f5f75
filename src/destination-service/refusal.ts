import { AppError, type ErrorCode } from '../errors/app-error.ts';

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'ERR_LOGIN_REQUIRED',
  403: 'ERR_FORBIDDEN',
  404: 'ERR_NOT_FOUND',
  405: 'ERR_METHOD_NOT_ALLOWED',
};

/** An error answer of the API (destination-service.md 4.8); the text becomes its `ErrorMessage`. */
export function refusal(status: number, text: string, cause?: unknown): AppError {
  const code = codes[status] ?? (status >= 500 ? 'ERR_INTERNAL' : 'ERR_BAD_REQUEST');
  return new AppError({ code, status, detail: text, cause });
}

/** Clients compare this text letter by letter, and take any other 404 for a failure (destination-service.md 4.8). */
export const notFound = 'Configuration with the specified name was not found';
