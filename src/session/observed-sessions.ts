import type { IncomingMessage } from 'node:http';
import type { Way } from '../observe/way.ts';
import type { Sessions } from './sessions.ts';

/** Finds sessions as `sessions` does, and tells who listens how long it took and whether somebody is logged in. */
export function observedSessions(sessions: Sessions): Sessions {
  const found = async (request: IncomingMessage, way: Way) => {
    const step = way.begin('session', {});
    try {
      const session = await sessions.find(request);
      step.end({ loggedIn: session?.data.login !== undefined });
      return session;
    } catch (cause) {
      step.fail(cause);
      throw cause;
    }
  };
  return {
    ...sessions,
    find: (request) => (request.way === undefined ? sessions.find(request) : found(request, request.way)),
  };
}
