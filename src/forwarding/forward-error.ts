import { AppError } from '../errors/app-error.ts';

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

/**
 * Whose fault it was: 504 when the upstream was too slow, 502 when it cannot be reached or broke off (xs-app.md 12).
 * @param destination name, for the message; never its address, which is nobody's business outside
 */
export function forwardError(cause: unknown, destination: string, timeout: number): AppError {
  if (cause instanceof AppError) return cause;
  const code = (cause as { code?: string } | undefined)?.code ?? 'unknown';
  if (timeouts.has(code))
    return new AppError({
      code: 'ERR_UPSTREAM_TIMEOUT',
      status: 504,
      detail: `The destination "${destination}" did not answer within ${timeout} ms.`,
      hint: `Raise "timeout" (HTML5.Timeout) of the destination if it needs longer.`,
      cause,
    });
  return new AppError({
    code: 'ERR_UPSTREAM_UNREACHABLE',
    status: 502,
    detail: `The destination "${destination}" cannot be reached or broke off its answer (${code}).`,
    cause,
  });
}
