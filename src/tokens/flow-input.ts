/**
 * What a caller of the Destination service's API hands in with headers of Find (destination-service.md 4.2). A proxied
 * request brings none of it. Everything here is part of a token's cache key.
 */
export interface FlowInput {
  /** `X-code`, `X-redirect-uri`, `X-code-verifier`. */
  readonly authorizationCode?: {
    readonly code: string;
    readonly redirectUri?: string | undefined;
    readonly codeVerifier?: string | undefined;
  };
  /** `X-refresh-token`. */
  readonly refreshToken?: string;
  /** `X-subject-token`, `X-subject-token-type`: in place of the user's token. */
  readonly subjectToken?: TypedToken;
  /** `X-actor-token`, `X-actor-token-type`. */
  readonly actorToken?: TypedToken;
  /** `X-samlAssertion`, encoded as the token service wants it. */
  readonly samlAssertion?: string;
  /** `X-tenant`: a subdomain, for clients of a token service with an address for each tenant. */
  readonly tenant?: string;
  /** `X-chain-var-tokenTransformationDestinationName`: wins over the property. */
  readonly userTokenDestination?: string;
  /** `X-client-assertion`, `X-client-assertion-type`: wins over everything configured. */
  readonly clientAssertion?: TypedToken;
  /** `X-client-assertion-destination-name`: wins over the property. */
  readonly clientAssertionDestination?: string;
}

export interface TypedToken {
  readonly token: string;
  /** An absolute URI, e.g. `urn:ietf:params:oauth:token-type:access_token`. */
  readonly type: string;
}

export const noInput: FlowInput = Object.freeze({});
