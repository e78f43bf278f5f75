import type { Target } from '../destinations/read-target.ts';
import { AppError } from '../errors/app-error.ts';
import { WaitedTooLong } from './await-head.ts';
import { busy } from './crowd.ts';

type Limits = Pick<Target, 'name' | 'timeout' | 'connectTimeout' | 'idleTimeout'>;

/** What took too long, and the knob that gives it more time. */
const tooSlow: Readonly<Record<string, (target: Limits) => { readonly detail: string; readonly hint: string }>> = {
  UND_ERR_HEADERS_TIMEOUT: ({ name, timeout }) => ({
    detail: `The destination "${name}" did not answer within ${timeout} ms.`,
    hint: `Raise "timeout" (HTML5.Timeout) of the destination if it needs longer.`,
  }),
  UND_ERR_CONNECT_TIMEOUT: notConnected,
  ETIMEDOUT: notConnected,
  UND_ERR_BODY_TIMEOUT: ({ name, idleTimeout }) => ({
    detail: `The destination "${name}" fell silent in the middle of its answer, for ${idleTimeout} ms.`,
    hint: 'Raise URL.socketReadTimeoutInSeconds of the destination if it needs longer.',
  }),
};

/**
 * Whose fault it was: 504 when the upstream was too slow, 502 when it cannot be reached or broke off (xs-app.md 12), 503
 * when it has too much to do.
 * @param target of which only the name is told; never its address, which is nobody's business outside
 */
export function forwardError(cause: unknown, target: Limits): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof WaitedTooLong) return busy(target.name, cause);
  const code = String((cause as { code?: unknown } | undefined)?.code ?? 'unknown');
  const slow = Object.hasOwn(tooSlow, code) ? tooSlow[code] : undefined;
  if (slow !== undefined) return new AppError({ code: 'ERR_UPSTREAM_TIMEOUT', status: 504, ...slow(target), cause });
  return new AppError({
    code: 'ERR_UPSTREAM_UNREACHABLE',
    status: 502,
    detail: `The destination "${target.name}" cannot be reached or broke off its answer (${code}).`,
    cause,
  });
}

function notConnected({ name, timeout, connectTimeout }: Limits) {
  return {
    detail: `No connection to the destination "${name}" within ${Math.min(timeout, connectTimeout)} ms.`,
    hint: 'Raise URL.connectionTimeoutInSeconds of the destination if the network needs longer.',
  };
}
