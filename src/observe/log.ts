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
 * Names, codes and places of an error and its causes. No messages but those of plain defects: parsers quote the text
 * around a fault, node quotes header values, protocol libraries what a token service answered.
 */
function chainOf(cause: unknown): string[] {
  const chain: string[] = [];
  let current = cause;
  for (let depth = 0; current instanceof Error && depth < 5; depth++) {
    const { code } = current as { code?: unknown };
    const place = code === undefined ? framesOf(current.stack) : '';
    const told = code === undefined && defect.test(current.message) ? current.message : '';
    chain.push([current.name, typeof code === 'string' ? code : '', told, place].filter(Boolean).join(' '));
    current = current.cause;
  }
  return chain;
}

/** What the language itself says of a defect: names of code, no data. */
const defect =
  /^[\w$.()[\]]{1,80} is not (?:a function|defined|iterable|a constructor)$|^Cannot (?:read|set) properties of (?:null|undefined) \(\w+ '[\w$]{1,40}'\)$/;

/** Where it happened: the innermost frames of a stack, without the message above them. */
function framesOf(stack: string | undefined): string {
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return frames
    .slice(0, 8)
    .map((frame) => frame.trim())
    .join(' ');
}
