/** The part of a token answer (RFC 6749 5.1) that is used. */
export interface TokenAnswer {
  /** What was asked for, mostly the access token. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Gets the next token without the user's; replaces the one it was got with. */
  readonly refreshToken?: string | undefined;
  readonly scope?: string | undefined;
  /** RFC 8693 2.2.1. */
  readonly issuedTokenType?: string | undefined;
}

/** Which member of the answer is wanted: UAA's grant user_token gives a refresh token and no access token. */
export type WantedToken = 'access_token' | 'refresh_token';

/** Milliseconds a token is taken to live when its service does not say (destination-service.md 6.4: 5 minutes). */
const unsaid = 300_000;

/**
 * Reads a successful answer, tolerantly: `expires_in` may be a numeric text (Entra v1, token-flows.md A6), any case of
 * `bearer` will do (XSUAA says it in lower case).
 * @param now milliseconds since the epoch, when the request was sent: a token's life begins no later
 * @returns the answer, or in words what is wrong with it, without its content
 */
export function parseTokenAnswer(
  body: unknown,
  now: number,
  wanted: WantedToken = 'access_token',
): TokenAnswer | string {
  if (typeof body !== 'object' || body === null) return 'not a JSON object';
  const members = body as Record<string, unknown>;
  const { token_type: type, expires_in: expiresIn } = members;
  const token = members[wanted];
  if (!isToken(token)) return `without a usable ${wanted}`;
  const issuedTokenType = textOf(members['issued_token_type']);
  // RFC 8693 2.2.1: what is no access token, such as a SAML assertion, has the type N_A.
  const known = issuedTokenType === undefined ? /^bearer$/i : /^(bearer|n_a)$/i;
  if (type !== undefined && !known.test(String(type))) return 'with a token_type other than Bearer';
  const seconds = expiresIn === undefined || expiresIn === null || expiresIn === '' ? Number.NaN : Number(expiresIn);
  return {
    token,
    expiresAt: now + (Number.isFinite(seconds) ? seconds * 1000 : unsaid),
    refreshToken: isToken(members['refresh_token']) ? members['refresh_token'] : undefined,
    scope: textOf(members['scope']),
    issuedTokenType,
  };
}

/** Visible ASCII only: it becomes part of a header. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
