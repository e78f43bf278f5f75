import type { AppError } from '../../src/errors/app-error.ts';
import type { Log } from '../../src/observe/log.ts';

/** A log that prints nothing and remembers what it was told. */
export interface RecordingLog extends Log {
  readonly failures: readonly { readonly id: string; readonly error: AppError }[];
  readonly warnings: readonly string[];
  readonly notices: readonly string[];
}

export function recordingLog(): RecordingLog {
  const failures: { id: string; error: AppError }[] = [];
  const warnings: string[] = [];
  const notices: string[] = [];
  return {
    failures,
    warnings,
    notices,
    started() {},
    stopped() {},
    notice: (message) => void notices.push(message),
    warning: (message) => void warnings.push(message),
    requestFailed: (id, error) => void failures.push({ id, error }),
  };
}
