import { pino } from 'pino';
import type { AppError } from '../errors/app-error.ts';
import type { AccessLine, AuditLine } from './log-line.ts';

/**
 * What can be logged, as verbs: there is no "log anything", so that no token, secret, assertion or cookie value can slip
 * in (design section 5). Lines are JSON, one an event.
 */
export interface Log {
  started(facts: Readonly<Record<string, string | number>>): void;
  stopped(reason: string): void;
  notice(message: string): void;
  warning(message: string): void;
  /** @param ties ids by which others' lines about the same request are found */
  requestFailed(id: string, error: AppError, ties?: Ties): void;
}

/** Ids that others know a request by; named as log collectors of the platforms expect them. */
export interface Ties {
  readonly correlation_id?: string | undefined;
  readonly trace_id?: string | undefined;
  readonly span_id?: string | undefined;
}

/** What only the process itself writes. */
export interface Journal extends Log {
  access(line: AccessLine): void;
  audit(line: AuditLine): void;
  reloaded(facts: Readonly<Record<string, number>>): void;
  /** @param problems one text each, with file, path and cure */
  reloadRefused(problems: readonly string[]): void;
  /** Another level from now on. */
  setLevel(level: string): void;
}

const levels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'];
const levelOf = (name: string) => (levels.includes(name) ? name : 'info');

/**
 * @param level error, warn, info, debug, trace or silent. Access and audit lines have switches of their own, and are
 * written at any level but silent
 */
export function createLog(level: string): Journal {
  const logger = pino({
    level: levelOf(level),
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Words, as collectors of Cloud Foundry and Kubernetes read them; pino's numbers are its own.
    formatters: { level: (label) => ({ level: label }) },
  });
  const record = logger.child({}, { level: level === 'silent' ? 'silent' : 'info' });
  return {
    access: (line) => record.info(line, 'request'),
    audit: (line) => record.info(line, 'audit'),
    reloaded: (facts) => logger.info(facts, 'configuration reloaded'),
    reloadRefused: (problems) =>
      logger.error({ problems }, 'the new configuration is not usable; the one before stays in force'),
    setLevel(next) {
      logger.level = levelOf(next);
      record.level = next === 'silent' ? 'silent' : 'info';
    },
    started: (facts) => logger.info(facts, 'listening'),
    stopped: (reason) => logger.info({ reason }, 'stopped'),
    notice: (message) => logger.info(message),
    warning: (message) => logger.warn(message),
    requestFailed(id, error, ties) {
      // A way to log in holds the deep link, whose query is nobody's business here.
      const { loginUrl: _, ...members } = error.members;
      const line = {
        id,
        ...ties,
        code: error.code,
        status: error.status,
        ...members,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: chainOf(error.cause),
      };
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
