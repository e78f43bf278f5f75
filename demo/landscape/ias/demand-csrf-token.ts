import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

const cookieName = 'ledger_session';
/** Sessions remembered: a demo may run for days. */
const kept = 1_000;

interface Session {
  /** Whom it belongs to. */
  readonly owner: string;
  readonly token: string;
}

/**
 * Refuses what changes something without a token, as SAP's ABAP systems do: it is given out to GET with
 * `x-csrf-token: Fetch`, for a session that a cookie names, and is good with both and for the same caller only. HEAD gives
 * none, as with many.
 * @param ownerOf who calls, as text
 */
export function demandCsrfToken(ownerOf: (response: Parameters<RequestHandler>[1]) => string): RequestHandler {
  const sessions = new Map<string, Session>();
  const begin = (owner: string) => {
    const id = randomBytes(24).toString('base64url');
    sessions.set(id, { owner, token: randomBytes(24).toString('base64') });
    const [oldest] = sessions.keys();
    if (sessions.size > kept && oldest !== undefined) sessions.delete(oldest);
    return id;
  };
  return (request, response, next) => {
    const owner = ownerOf(response);
    const id = sessionIn(request);
    const known = id === undefined ? undefined : sessions.get(id);
    const session = known?.owner === owner ? known : undefined;
    const asked = request.get('x-csrf-token');
    if (request.method === 'HEAD' && asked !== undefined) return void response.status(405).set('Allow', 'GET').end();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      if (session !== undefined && asked === session.token) return next();
      return void response.status(403).set('x-csrf-token', 'Required').json({ error: 'csrf_token_required' });
    }
    if (asked?.toLowerCase() === 'fetch') {
      const fresh = session === undefined ? begin(owner) : undefined;
      if (fresh !== undefined) response.cookie(cookieName, fresh, { httpOnly: true, secure: true, encode: String });
      response.set('x-csrf-token', (session ?? sessions.get(fresh ?? ''))?.token ?? '');
    }
    next();
  };
}

function sessionIn(request: Request): string | undefined {
  return request
    .get('cookie')
    ?.split('; ')
    .find((pair) => pair.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);
}
