/**
 * What a destination that acts for a user says of the user's token, which for a proxied request comes from the login.
 */
export interface UserTokenRules {
  /**
   * `userToken.destinationName`, our own: the token that the named destination gets for the user stands for the user's
   * here. What the Destination service calls the chain com.sap.sequentialUserPropagation (destination-service.md 3.6).
   */
  readonly destinationName: string | undefined;
  /** How a user token from elsewhere is verified (`x_user_token.*`); undefined: only our own logins are believed. */
  readonly verification: UserTokenVerification | undefined;
}

/** destination-service.md 2.3: keys and `typ` of foreign user tokens. */
export interface UserTokenVerification {
  readonly keys:
    | { readonly kind: 'inline'; readonly jwks: JsonWebKeySet }
    | { readonly kind: 'uri'; readonly uri: URL };
  /** Expected `typ` of the token's header. */
  readonly type: string;
  /** `x_user_token.issuer` and `.audience`, our own: exact `iss`, and one of `aud`; undefined: any (token-flows.md F13). */
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

/** RFC 7517 5. */
export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}
