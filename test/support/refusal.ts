import { AppError } from '../../src/errors/app-error.ts';

/** The AppError that a call ends in. @throws whatever else it ends in, or when it ends well */
export function refusalOf(call: () => unknown): AppError {
  try {
    call();
  } catch (cause) {
    if (cause instanceof AppError) return cause;
    throw cause;
  }
  throw new Error('nothing was refused');
}

/** Status of the AppError that a call ends in; undefined when it ends well. @throws whatever else it ends in */
export function statusOf(call: () => unknown): number | undefined {
  try {
    call();
    return undefined;
  } catch (cause) {
    if (cause instanceof AppError) return cause.status;
    throw cause;
  }
}
