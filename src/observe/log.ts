import { pino } from 'pino';
import type { AppError } from '../errors/app-error.ts';

/**
 * What can be logged, as verbs: there is no "log anything", so that no token, secret, assertion or cookie value can slip
 * in (design section 5). Lines are JSON, one an event.
 */
export interface Log {
  started(facts: Readonly<Record<string, string | number>>): void;
  stopped(reason: string): void;
  notice(message: string): void;
  warning(message: string): void;
  requestFailed(id: string, error: AppError): void;
}

/** @param level error, warn, info, debug, trace or silent */
export function createLog(level: string): Log {
  const known = ['silent', 'error', 'warn', 'info', 'debug', 'trace'];
  const logger = pino({
    level: known.includes(level) ? level : 'info',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  return {
    started: (facts) => logger.info(facts, 'listening'),
    stopped: (reason) => logger.info({ reason }, 'stopped'),
    notice: (message) => logger.info(message),
    warning: (message) => logger.warn(message),
    requestFailed(id, error) {
      const line = { id, code: error.code, status: error.status, ...error.members, cause: chainOf(error.cause) };
      if (error.status >= 500) logger.error(line, error.detail ?? error.code);
      else logger.debug(line, error.detail ?? error.code);
    },
  };
}

/**
 * Names and codes of an error and its causes. Messages of defects and of the network are ours or node's; those of
 * protocol libraries may quote what a token service answered, so only their codes are kept.
 */
function chainOf(cause: unknown): string[] {
  const chain: string[] = [];
  let current = cause;
  for (let depth = 0; current instanceof Error && depth < 5; depth++) {
    const { code } = current as { code?: unknown };
    const quotable =
      code === undefined &&
      !/^(?:ClientError|ResponseBodyError|AuthorizationResponseError|OperationProcessingError)$/.test(current.name);
    chain.push(
      [current.name, typeof code === 'string' ? code : '', quotable ? (current.stack ?? current.message) : '']
        .filter(Boolean)
        .join(' '),
    );
    current = current.cause;
  }
  return chain;
}
