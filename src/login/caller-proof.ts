import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../errors/app-error.ts';

/** How a program that calls without a session says whom it calls for (xs-app.md section 9). */
export type CallerProof =
  | { readonly kind: 'bearer'; readonly token: string }
  /** Checked at XSUAA by the password grant. */
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** Token of an IAS application for us, to be exchanged for one of our own. */
  | { readonly kind: 'weak'; readonly token: string };

/**
 * What `x-approuter-authorization` or `x-approuter-access-token` says; undefined when neither is there. One that cannot be
 * read is refused, never ignored.
 * @throws AppError 400 when both are there, 401 when it is unreadable
 */
export function readCallerProof(headers: IncomingHttpHeaders): CallerProof | undefined {
  const { 'x-approuter-authorization': authorization, 'x-approuter-access-token': weak } = headers;
  if (authorization !== undefined && weak !== undefined)
    throw new AppError({
      code: 'ERR_BAD_REQUEST',
      status: 400,
      detail: 'x-approuter-authorization and x-approuter-access-token do not go together.',
    });
  if (weak !== undefined) {
    if (!tokenForm.test(String(weak))) throw unreadable('x-approuter-access-token must be a token.');
    return { kind: 'weak', token: String(weak) };
  }
  if (authorization === undefined) return undefined;
  const pair = readBasic(/^basic +(\S+)$/i.exec(String(authorization))?.[1] ?? '');
  return pair === undefined ? readBearer(String(authorization)) : { kind: 'password', ...pair };
}

/** `Bearer` and a token (RFC 6750 2.1). @throws AppError 401 when it is anything else */
export function readBearer(authorization: string): CallerProof {
  const token = /^bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw unreadable('The header must be "Bearer" and a token.');
  return { kind: 'bearer', token };
}

/** User and password of Basic credentials (RFC 7617 2); undefined when they are none. @param encoded base64 */
export function readBasic(encoded: string): { readonly user: string; readonly password: string } | undefined {
  if (!/^[A-Za-z0-9+/]+=*$/.test(encoded)) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

const tokenForm = /^[\w.~+/=-]+$/;

function unreadable(detail: string): AppError {
  return new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    detail,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
