import type { IncomingMessage } from 'node:http';
import { hasBody } from './has-body.ts';

const safe: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD']);

/** Whether a request can be sent a second time: what has a body has sent it by now, and cannot send it again. */
export function isRepeatable(request: IncomingMessage): boolean {
  return safe.has(request.method) && !hasBody(request);
}
