import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../errors/app-error.ts';
import { sameSecret } from '../session/same-secret.ts';

/**
 * The id, in our store, of a session that the caller runs (xs-app.md section 9): `x-approuter-ext-session-id`, whose HMAC
 * the caller shows in `-id-sig`, and whose end in `-expiry`. Hashed, so that it never names a session of a browser.
 * @param secrets SVC2AR_EXTERNAL_SESSION_ID_SECRET and _ALT
 * @param now milliseconds since the epoch
 * @returns undefined when the caller runs none
 * @throws AppError 401 for an id that is not signed by one of the secrets (T-32), or a session that has ended
 */
export function externalSessionId(
  headers: IncomingHttpHeaders,
  secrets: readonly string[],
  now = Date.now(),
): string | undefined {
  const id = headers['x-approuter-ext-session-id'];
  if (id === undefined) return undefined;
  const shown = String(headers['x-approuter-ext-session-id-sig'] ?? '').replace(/=+$/, '');
  const signatures = secrets.map((secret) => createHmac('sha256', secret).update(String(id)).digest('base64'));
  // Every one is compared: which secret it was is nobody's business.
  const fitting = signatures.filter((signature) => sameSecret(shown, signature.replace(/=+$/, '')));
  if (fitting.length === 0)
    throw refused('x-approuter-ext-session-id is not signed with a secret of this application.');
  const expiry = headers['x-approuter-ext-session-expiry'];
  if (expiry !== undefined && !(Number(expiry) * 1000 > now)) throw refused('The external session has ended.');
  return `external.${createHash('sha256').update(String(id)).digest('base64url')}`;
}

function refused(detail: string): AppError {
  return new AppError({ code: 'ERR_LOGIN_REQUIRED', status: 401, detail, headers: { 'www-authenticate': 'Bearer' } });
}
