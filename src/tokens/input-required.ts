import { AppError } from '../errors/app-error.ts';

/** A destination that cannot serve a request for want of what only a caller of the Destination service's API brings: 502. */
export function inputRequired(destination: string, what: string): AppError {
  return new AppError({
    code: 'ERR_CREDENTIAL',
    status: 502,
    detail: `Destination ${destination} needs ${what} with each call, and a proxied request brings none.`,
    hint: 'Only callers of the Destination service API can use it; for a route choose another Authentication.',
    members: { destination },
  });
}
