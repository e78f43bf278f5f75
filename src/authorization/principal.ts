/** The caller as known now: taken from the session (or, for machine callers, from a verified token) and from nowhere else. */
export type Principal = Anonymous | User;

export interface Anonymous {
  readonly kind: 'anonymous';
}

export interface User {
  readonly kind: 'user';
  /** Name of the identity provider that vouches for the user, as configured. */
  readonly provider: string;
  /** Claims of the token that is handed on; verified when the login finished. */
  readonly claims: Claims;
  readonly scopes: readonly string[];
  /** The user token that flows hand on (design section 3): access token meant for us, else the id_token. */
  readonly token: string;
  /** SHA-256 of `token`, base64url: identifies the token in cache keys without holding it there. */
  readonly tokenHash: string;
}

/** Payload of a verified token (RFC 7519). */
export type Claims = Readonly<Record<string, unknown>>;

export const anonymous: Anonymous = Object.freeze({ kind: 'anonymous' });
