import type { IncomingMessage } from 'node:http';

/** undici looks at its clock twice a second; limits shorter than this, in milliseconds, need a clock of their own. */
const coarse = 10_000;

/**
 * Waits for the head of the answer as long as the destination says, to the millisecond, from the moment when the request
 * has been sent whole. A long limit costs nothing here: undici keeps it well enough.
 * @returns what ends the wait; undefined where there is none
 */
export function awaitHead(
  timeout: number,
  request: IncomingMessage,
  hasBody: boolean,
  onTooSlow: () => void,
): (() => void) | undefined {
  if (timeout >= coarse) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(onTooSlow, timeout);
  };
  if (request.readableEnded || !hasBody) begin();
  else request.once('end', begin);
  return () => {
    clearTimeout(timer);
    request.off('end', begin);
  };
}

/** What was waited for in vain, as undici calls it. */
export function tooSlowFor(what: 'head' | 'connection'): Error {
  const code = what === 'head' ? 'UND_ERR_HEADERS_TIMEOUT' : 'UND_ERR_CONNECT_TIMEOUT';
  return Object.assign(new Error(`no ${what} in time`), { code });
}
