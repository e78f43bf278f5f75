/** The part of a token answer (RFC 6749 5.1) that is used. */
export interface TokenAnswer {
  readonly accessToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Milliseconds a token is taken to live when its service does not say (destination-service.md 6.4: 5 minutes). */
const unsaid = 300_000;

/**
 * Reads a successful answer, tolerantly: `expires_in` may be a numeric text (Entra v1, token-flows.md A6), any case of
 * `bearer` will do (XSUAA says it in lower case).
 * @param now milliseconds since the epoch, when the request was sent: a token's life begins no later
 * @returns the answer, or in words what is wrong with it, without its content
 */
export function parseTokenAnswer(body: unknown, now: number): TokenAnswer | string {
  if (typeof body !== 'object' || body === null) return 'not a JSON object';
  const { access_token: accessToken, token_type: type, expires_in: expiresIn } = body as Record<string, unknown>;
  // Visible ASCII only: it becomes part of a header.
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) return 'without a usable access_token';
  if (type !== undefined && !/^bearer$/i.test(String(type))) return 'with a token_type other than Bearer';
  const seconds = expiresIn === undefined || expiresIn === null || expiresIn === '' ? Number.NaN : Number(expiresIn);
  return { accessToken, expiresAt: now + (Number.isFinite(seconds) ? seconds * 1000 : unsaid) };
}
