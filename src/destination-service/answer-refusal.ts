import type { ErrorRequestHandler } from 'express';
import { KeyStoreError } from '../config/key-store-error.ts';
import { AppError } from '../errors/app-error.ts';
import { refusal } from './refusal.ts';

/** Told of what is not the caller's fault. */
export type TellFailure = (error: AppError) => void;

/** What body parsers and the router of express complain of. */
const complaints: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  413: 'The body is too large',
  415: 'The content type or its encoding is not supported',
};

/** The one place that answers errors of the API: `{"ErrorMessage": …}` always (destination-service.md 4.8). */
export function answerRefusal(tellFailure: TellFailure): ErrorRequestHandler {
  return (cause: unknown, _request, response, next) => {
    const error = asAppError(cause);
    if (error.status >= 500) tellFailure(error);
    if (response.headersSent) return next(cause);
    if (error.status === 401) response.set('www-authenticate', 'Bearer');
    for (const [name, value] of Object.entries(error.headers)) response.set(name, value);
    response.status(error.status).json({ ErrorMessage: error.detail ?? 'unexpected error' });
  };
}

function asAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof KeyStoreError) return refusal(500, cause.message, cause);
  const { status } = cause as { status?: unknown };
  // Their own words quote the body.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return refusal(status, complaints[status] ?? 'The request is malformed');
  return new AppError({ code: 'ERR_INTERNAL', status: 500, cause });
}
