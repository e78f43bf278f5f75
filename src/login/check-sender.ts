import { AppError } from '../errors/app-error.ts';

/**
 * A token that is bound to a key is good only in the hands of who has that key (RFC 8705 3, token-flows.md F8, H66). Bound
 * to anything else than a certificate (DPoP's `jkt`), we could not tell, and refuse.
 * @param cnf claim `cnf` of the token (RFC 7800)
 * @param thumbprint SHA-256 of the client certificate of this request, base64url; undefined: it showed none
 * @throws AppError 401
 */
export function checkSender(cnf: unknown, thumbprint: string | undefined): void {
  if (cnf === undefined) return;
  const bound = typeof cnf === 'object' && cnf !== null ? Object.entries(cnf) : [];
  const fits = bound.length > 0 && bound.every(([kind, value]) => kind === 'x5t#S256' && value === thumbprint);
  if (fits && thumbprint !== undefined) return;
  throw new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    detail: 'The token is bound to a key that this request does not prove.',
    hint: 'Show the client certificate with which the token was requested.',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
