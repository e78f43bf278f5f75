import { AppError } from '../errors/app-error.ts';

/** Seconds that a token service asked to be left alone; 0 when it did not. */
export function retryAfterOf(error: AppError): number {
  const seconds = Number(error.headers['retry-after'] ?? 0);
  return Math.max(seconds, 0);
}

/**
 * The same error for who asks later. One that named a time names what is left of it (RFC 9110 10.2.3).
 * @param left milliseconds
 */
export function withRetryAfter(error: AppError, left: number): AppError {
  if (retryAfterOf(error) === 0) return error;
  return delayed(error, left);
}

/**
 * An error that also says when to come back.
 * @param left milliseconds
 */
export function delayed(error: AppError, left: number): AppError {
  const { code, status, detail, hint, members, headers, cause } = error;
  return new AppError({
    code,
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    members,
    headers: { ...headers, 'retry-after': String(Math.ceil(left / 1000)) },
    cause,
  });
}
