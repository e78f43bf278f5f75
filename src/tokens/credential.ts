import type { TokenAnswer } from './parse-token-answer.ts';

/** What the upstream will be shown. A closed family, never null: "nothing" is a decision too. */
export type Credential =
  /** Nothing, or a certificate that the TLS connection shows by itself. */
  | { readonly kind: 'none' }
  /** A request header, e.g. `authorization: Bearer …`. Replaces whatever the client sent under that name. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string };

export const noCredential: Credential = Object.freeze({ kind: 'none' });

/** A credential and how long it may be used. */
export interface Issued {
  readonly credential: Credential;
  /** Milliseconds since the epoch; undefined when it does not age. */
  readonly expiresAt: number | undefined;
  /** What the token service said, where one was asked. */
  readonly answer?: TokenAnswer | undefined;
}
