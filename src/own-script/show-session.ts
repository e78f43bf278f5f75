import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FoundSession } from '../session/sessions.ts';
import { viewOf } from './script-sessions.ts';

/** Sessions of requests on their way to own handlers. */
const shown = new WeakMap<IncomingMessage, FoundSession>();

/** express-session's own, of requests that have just made their session: it still has to send the cookie. */
const aside = new WeakMap<IncomingMessage, object>();

interface WithSession {
  session?: object;
  sessionID?: string;
}

/** Makes the session of a request known to own handlers, should it come to some. */
export function showSession(request: IncomingMessage, session: FoundSession): void {
  shown.set(request, session);
}

/** Handlers find it as `request.session` and `request.sessionID`: to be read only; `update` of the store changes it. */
export function revealSession(request: IncomingMessage, response: ServerResponse): void {
  const session = shown.get(request);
  if (session === undefined) return;
  const target = request as IncomingMessage & WithSession;
  if (target.session !== undefined) {
    aside.set(request, target.session);
    hideBefore(request, response, 'writeHead');
    hideBefore(request, response, 'end');
  }
  target.sessionID = session.id;
  target.session = Object.freeze(viewOf(session.data));
}

/** Behind them it is gone: express-session keeps its own there, and takes one that it finds for its own. */
export function hideSession(request: IncomingMessage): void {
  if (!shown.has(request)) return;
  const target = request as IncomingMessage & WithSession;
  const own = aside.get(request);
  if (own === undefined) delete target.session;
  else target.session = own;
}

/** A handler may answer: what express-session does at the end of an answer, it does with its own. */
function hideBefore(request: IncomingMessage, response: ServerResponse, method: 'writeHead' | 'end'): void {
  const plain = response[method] as (...args: unknown[]) => ServerResponse;
  response[method] = (...args: unknown[]) => {
    hideSession(request);
    return plain.apply(response, args);
  };
}
