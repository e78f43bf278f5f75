/** Codes of errors that the load brings about: a backend that is gone, cuts its answer off, or is too slow. */
const provoked = new Set(['ERR_UPSTREAM_UNREACHABLE', 'ERR_UPSTREAM_TIMEOUT', 'ERR_UPSTREAM_PAUSED']);
const provokedMessages = [
  /^destination "gone" cannot be reached and is given a pause/,
  /^the new configuration is not usable/,
  /^an answer was cut off/,
];
/** What node says when its inspector is used. */
const inspector = /^(?:Debugger (?:listening|attached|ending)|For help, see: |Waiting for the debugger to disconnect)/;

/**
 * Whether a router's line says that something is wrong which the load has not brought about.
 * @param stream what is written on standard error is always one: warnings of node, unhandled rejections
 */
export function isAlarming(line: string, stream: 'stdout' | 'stderr'): boolean {
  if (line.trim() === '') return false;
  if (stream === 'stderr') return !inspector.test(line);
  const { level, code, msg } = parse(line);
  if (level !== 'error' && level !== 'warn' && level !== 'fatal') return false;
  if (code !== undefined) return !provoked.has(code);
  return !provokedMessages.some((pattern) => pattern.test(msg ?? ''));
}

function parse(line: string): { readonly level?: string; readonly code?: string; readonly msg?: string } {
  try {
    return JSON.parse(line) as object;
  } catch {
    return { level: 'error', msg: line };
  }
}
