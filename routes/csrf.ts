import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { House } from '../src/house.ts';
import { keepPrivate } from '../src/session/keep-private.ts';
import type { FoundSession } from '../src/session/sessions.ts';

/** Whether a request asks for a CSRF token (xs-app.md section 7: any case, GET or HEAD). */
export function asksForCsrfToken(request: Request): boolean {
  const { 'x-csrf-token': asked } = request.headers;
  return (
    typeof asked === 'string' &&
    asked.toLowerCase() === 'fetch' &&
    (request.method === 'GET' || request.method === 'HEAD')
  );
}

/**
 * Whether a request proves by a header of its own that a page of ours sent it (PORTUNUS_CSRF_HEADER): no form and no link
 * can add one, and a script of another site only after a preflight, which we answer for nobody but those in `cors`.
 * Browsers that tell where a request comes from (Fetch Metadata) must say it is from here.
 */
export function provesItsOrigin({ config }: House, { headers }: Request): boolean {
  const { csrfHeader } = config.settings;
  if (csrfHeader === '' || !headers[csrfHeader.toLowerCase()]) return false;
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin';
}

/** Puts the session's token into the answer; a session is made for it if need be. One token a session. */
export async function answerCsrfToken(
  house: House,
  request: Request,
  response: Response,
  found: FoundSession | undefined,
): Promise<FoundSession> {
  const session = found ?? (await house.sessions.open(request, response));
  if (session.data.csrfToken === undefined) {
    const fresh = randomBytes(24).toString('base64url');
    await house.sessions.change(session, ({ csrfToken }) => (csrfToken === undefined ? { csrfToken: fresh } : {}));
  }
  keepPrivate(response);
  response.setHeader('x-csrf-token', session.data.csrfToken ?? '');
  return session;
}
