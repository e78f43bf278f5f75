import type { IncomingMessage } from 'node:http';
import type { FoundSession } from '../session/sessions.ts';
import { type ScriptSession, viewOf } from './script-sessions.ts';

/** Sessions of requests on their way to own handlers. */
const shown = new WeakMap<IncomingMessage, FoundSession>();

interface WithSession {
  session?: ScriptSession;
  sessionID?: string;
}

/** Makes the session of a request known to own handlers, should it come to some. */
export function showSession(request: IncomingMessage, session: FoundSession): void {
  shown.set(request, session);
}

/** Handlers find it as `request.session` and `request.sessionID`: to be read only; `update` of the store changes it. */
export function revealSession(request: IncomingMessage): void {
  const session = shown.get(request);
  if (session === undefined) return;
  const target = request as IncomingMessage & WithSession;
  target.sessionID = session.id;
  target.session = Object.freeze(viewOf(session.data));
}

/** Behind them it is gone: express-session keeps its own there, and takes one that it finds for its own. */
export function hideSession(request: IncomingMessage): void {
  if (shown.has(request)) delete (request as IncomingMessage & WithSession).session;
}
